import type { NewPermission } from '@skycrate/contract/permissions/schemas'
import { pino } from 'pino'
import type { AuditLog } from '../audit/audit-event.ts'
import { createAuditLog } from '../audit/audit-writer.ts'
import { readsOf } from '../db/reads.ts'
import type { TestDatabase } from '../db/test-database.ts'
import { AppError } from '../errors/app-error.ts'
import type { BucketAdmin, BucketPresence } from '../stores/bucket-admin.ts'
import { createBucketPresences } from '../stores/bucket-presences.ts'
import { createPermissions, type Permissions } from './permissions.ts'
import type { Author } from './record-change.ts'

export const ADMIN = 'usr_01hf7yat000000000000000000'
export const origin = { requestId: 'req_1', ip: null, userAgent: null, door: 'rest' as const }
export const by: Author = { userId: ADMIN, origin }
/** No `If-Match`. */
export const anyVersion = (): void => undefined

/** The use cases on a real database; what the store says of buckets is given, since another test asks a real one. */
export function permissionsOn(
  database: TestDatabase,
  options: {
    readonly guestWrites?: boolean
    readonly audit?: AuditLog
    readonly presenceOf?: (bucket: string) => BucketPresence
  } = {},
): Permissions {
  const { guestWrites = true, presenceOf = () => 'owned' as const } = options
  const audit = options.audit ?? createAuditLog({ sql: database.hot, logger: pino({ level: 'silent' }), now: Date.now })
  const store = {
    findBucket: (bucket: string) => Promise.resolve({ presence: presenceOf(bucket), region: undefined }),
  } as BucketAdmin
  const storeOf = (id: string): BucketAdmin => {
    if (id !== 'default') throw new AppError('not-found')
    return store
  }
  const presences = createBucketPresences({ storeOf, now: Date.now })
  return createPermissions({
    reads: readsOf(database),
    database,
    audit,
    now: Date.now,
    settled: () => Promise.resolve(),
    storeOf,
    presences,
    guestWrites,
  })
}

export const body = (more: Partial<NewPermission> = {}): NewPermission => ({
  principal: { kind: 'everyone' },
  bucket: 'reports',
  prefix: '2026/',
  actions: ['read', 'list'],
  ...more,
})

export const isProblem = (code: string) => (error: unknown) => error instanceof AppError && error.code === code
