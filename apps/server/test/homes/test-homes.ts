import { randomBytes } from 'node:crypto'
import { createId, type UserId } from '@skycrate/core/naming/id'
import { DEFAULT_STORE } from '@skycrate/core/naming/store'
import type { FastifyBaseLogger } from 'fastify'
import { pino } from 'pino'
import { createAuditLog } from '../../src/audit/audit-writer.ts'
import type { RequestOrigin } from '../../src/audit/audit-event.ts'
import type { Database, Sql } from '../../src/db/database.ts'
import { createHomes, type Homes } from '../../src/homes/homes.ts'
import type { HomesConfig } from '../../src/homes/homes-config.ts'
import type { CopyLimits } from '../../src/stores/s3/copy-store.ts'
import { createS3Store } from '../../src/stores/s3/s3-store.ts'
import type { Store } from '../../src/stores/store.ts'

export const REGION = 'us-east-1'
export const KEYS = { accessKeyId: 'test-access-key', secretAccessKey: 'test-secret-key-of-the-store' }
export const ORIGIN: RequestOrigin = { requestId: 'req_test', ip: '127.0.0.1', userAgent: 'test', door: 'rest' }

export const quiet = (): FastifyBaseLogger => pino({ level: 'silent' })

/** Regions as a process knows them that has asked nobody yet. */
export function noRegions() {
  const known = new Map<string, string>()
  return {
    regionOf: (bucket: string) => known.get(bucket),
    learn: (bucket: string, region: string) => void known.set(bucket, region),
  }
}

export const testStore = (endpoint: string, requestTimeoutMs = 5000, copyLimits?: CopyLimits): Store =>
  createS3Store({
    id: DEFAULT_STORE,
    regions: noRegions(),
    endpoint,
    region: REGION,
    credentials: KEYS,
    pathStyle: true,
    kind: 'embedded',
    requestTimeoutMs,
    logger: quiet(),
    ...(copyLimits && { copyLimits }),
  })

export const CONFIG: HomesConfig = {
  layout: 'bucket-per-user',
  region: REGION,
  strict: true,
  encryption: 'AES256',
  webOrigins: ['http://localhost:8080'],
  tlsOnly: false,
  retentionDays: 30,
  bucketPrefix: 'skycrate',
}

export interface HomesSetup {
  readonly database: Database
  readonly endpoint: string
  readonly config?: Partial<HomesConfig>
  readonly requestTimeoutMs?: number
}

/** Homes as a process has them, on the real database and store. */
export function testHomes(setup: HomesSetup): Homes & { readonly store: Store } {
  const { database, endpoint } = setup
  const store = testStore(endpoint, setup.requestTimeoutMs)
  const logger = quiet()
  const now = Date.now
  const audit = createAuditLog({ sql: database.hot, logger, now })
  const config = { ...CONFIG, ...setup.config }
  return { ...createHomes({ database, store, audit, logger, now, config }), store }
}

export async function addUser(sql: Sql): Promise<UserId> {
  const userId = createId('usr', Date.now(), randomBytes(10))
  await sql.query(`insert into users (id) values ($1)`, [userId])
  return userId
}
