import { NO_QUOTAS } from '../../src/quotas/test-meter.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Job as JobView } from '@skycrate/contract/jobs/schemas'
import type { Action } from '@skycrate/core/access/operation'
import { DEFAULT_STORE } from '@skycrate/core/naming/store'
import { createGate } from '../../src/access/create-gate.ts'
import type { Database, Sql } from '../../src/db/database.ts'
import type { Jobs } from '../../src/jobs/jobs.ts'
import type { Restored } from '../../src/objects/class-job.ts'
import type { Person } from '../../src/objects/object-jobs.ts'
import { createOperations, type Operations } from '../../src/objects/operations.ts'
import { createStarPlaces } from '../../src/starred/star-places.ts'
import { createBucketPresences } from '../../src/stores/bucket-presences.ts'
import type { CopyLimits } from '../../src/stores/s3/copy-store.ts'
import { S3_CLASSES } from '../../src/stores/storage-classes.ts'
import type { Store } from '../../src/stores/store.ts'
import { testProcess } from '../test-process.ts'

export interface TestObjects extends AsyncDisposable {
  readonly operations: Operations
  readonly jobs: Jobs
  readonly store: Store
  /** Waits for the end of a job. */
  ended(id: string, person: Person): Promise<JobView>
}

/** What a process does with objects, on the real database and store. */
export async function testObjects(setup: {
  readonly database: Database
  readonly endpoint: string
  /** Whether this process takes jobs; true when absent. */
  readonly works?: boolean
  readonly copyLimits?: CopyLimits
  readonly tellRestored?: (tx: Sql, restored: Restored) => Promise<void>
  readonly archiveLookMs?: number
}): Promise<TestObjects> {
  await using starting = new AsyncDisposableStack()
  const { database } = setup
  const now = Date.now
  const process = { ...setup, leaseMs: 3000 }
  const { logger, audit, permissions, store, jobs } = await testProcess(starting, process)
  const gate = createGate({ permissions, audit, presences: createBucketPresences({ storeOf: () => store, now }), now })
  const operations = createOperations({
    meter: NO_QUOTAS,
    gate,
    audit,
    database,
    jobs,
    storeOf: () => store,
    stars: createStarPlaces({ database, logger }),
    now,
    storageClasses: S3_CLASSES,
    ...(setup.tellRestored && { tellRestored: setup.tellRestored }),
    ...(setup.archiveLookMs !== undefined && { archiveLookMs: setup.archiveLookMs }),
  })
  if (setup.works !== false) await jobs.start()
  const running = starting.move()
  return {
    operations,
    jobs,
    store,
    async ended(id, { userId }) {
      for (;;) {
        const job = await jobs.find(id, { userId, isAdmin: false })
        if (job.state !== 'queued' && job.state !== 'running') return job
        await sleep(20)
      }
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

let count = 0

/** @returns the permission's id */
export async function allow(
  sql: Sql,
  person: Person,
  bucket: string,
  prefix: string,
  actions: readonly Action[],
): Promise<string> {
  const id = `prm_test_${(count += 1)}`
  const has = (action: Action): boolean => actions.includes(action)
  await sql.query(
    `insert into permissions
       (id, principal_kind, principal, store, bucket, prefix, can_read, can_write, can_delete, can_list)
     values ($1, 'user', $2, $3, $4, $5, $6, $7, $8, $9)`,
    [id, person.userId, DEFAULT_STORE, bucket, prefix, has('read'), has('write'), has('delete'), has('list')],
  )
  return id
}
