import { setTimeout as sleep } from 'node:timers/promises'
import type { Job as JobView } from '@skycrate/contract/jobs/schemas'
import type { UserId } from '@skycrate/core/naming/id'
import { createAuditLog } from '../../src/audit/audit-writer.ts'
import { type Buckets, createBuckets } from '../../src/buckets/buckets.ts'
import type { BucketsConfig } from '../../src/buckets/buckets-config.ts'
import { inDefaultStore } from '../../src/buckets/bucket-records.ts'
import type { Database } from '../../src/db/database.ts'
import type { Homes } from '../../src/homes/homes.ts'
import { createHomes } from '../../src/homes/homes.ts'
import { createHomesAdmin, type HomesAdmin } from '../../src/homes/homes-admin.ts'
import { createJobs, type Jobs } from '../../src/jobs/jobs.ts'
import type { Store } from '../../src/stores/store.ts'
import { CONFIG, quiet, testStore } from '../homes/test-homes.ts'

export const LIBRARY = 'the-library'

export interface TestBuckets extends AsyncDisposable {
  readonly buckets: Buckets
  readonly homes: Homes
  readonly homesAdmin: HomesAdmin
  readonly jobs: Jobs
  readonly store: Store
  /** Waits for the end of a job. */
  ended(id: string, admin: UserId): Promise<JobView>
}

/** Buckets, homes and jobs as a process has them, on the real database and store. */
export async function testBuckets(setup: {
  readonly database: Database
  readonly endpoint: string
  readonly config?: Partial<BucketsConfig>
  /** Instead of one at `endpoint`. */
  readonly store?: Store
  /** Whether this process takes jobs; true when absent. */
  readonly works?: boolean
  /** Called where a change of access has to be heard everywhere. */
  readonly settled?: () => Promise<void>
}): Promise<TestBuckets> {
  const { database, settled = () => Promise.resolve() } = setup
  const logger = quiet()
  const now = Date.now
  const audit = createAuditLog({ sql: database.hot, logger, now })
  const store = setup.store ?? testStore(setup.endpoint)
  const config = { ...CONFIG, ...setup.config, libraryBucket: LIBRARY }
  const homes = createHomes({ settled, database, store, audit, logger, now, config })
  const jobs = createJobs({ database, logger, now, pollMs: 50, leaseMs: 2000, stopWithinMs: 2000 })
  const homesAdmin = createHomesAdmin({ database, homes, jobs, audit })
  const library = inDefaultStore(LIBRARY)
  const buckets = createBuckets({ settled, database, storeOf: () => store, audit, jobs, logger, config, library })
  if (setup.works !== false) await jobs.start()
  return {
    buckets,
    homes,
    homesAdmin,
    jobs,
    store,
    async ended(id, admin) {
      for (;;) {
        const job = await jobs.find(id, { userId: admin, isAdmin: true })
        if (job.state !== 'queued' && job.state !== 'running') return job
        await sleep(20)
      }
    },
    async [Symbol.asyncDispose]() {
      await jobs[Symbol.asyncDispose]()
      await audit.drain()
      store.close()
    },
  }
}
