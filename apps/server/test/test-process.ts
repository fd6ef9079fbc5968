import { watchFreshness } from '../src/access/freshness.ts'
import { openPermissionCache } from '../src/access/permission-cache.ts'
import { createAuditLog } from '../src/audit/audit-writer.ts'
import type { Database } from '../src/db/database.ts'
import { createJobs } from '../src/jobs/jobs.ts'
import type { CopyLimits } from '../src/stores/s3/copy-store.ts'
import { quiet, testStore } from './homes/test-homes.ts'

/** What every process has that works on objects, on the real database and store. `starting` ends it. */
export async function testProcess(
  starting: AsyncDisposableStack,
  setup: {
    readonly database: Database
    readonly endpoint: string
    readonly leaseMs: number
    readonly now?: (() => number) | undefined
    readonly copyLimits?: CopyLimits | undefined
  },
) {
  const { database, endpoint, leaseMs, now = Date.now, copyLimits } = setup
  const logger = quiet()
  const audit = createAuditLog({ sql: database.hot, logger, now: Date.now })
  starting.defer(() => audit.drain())
  const freshness = starting.use(await watchFreshness(database, logger, () => performance.now()))
  const permissions = starting.use(await openPermissionCache(database, freshness))
  const store = testStore(endpoint, 10_000, copyLimits)
  starting.defer(() => store.close())
  const jobs = starting.use(createJobs({ database, logger, now, pollMs: 50, leaseMs, stopWithinMs: 2000 }))
  return { logger, audit, permissions, store, jobs }
}
