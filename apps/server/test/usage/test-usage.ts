import { setTimeout as sleep } from 'node:timers/promises'
import type { Job as JobView } from '@skycrate/contract/jobs/schemas'
import type { UserId } from '@skycrate/core/naming/id'
import type { PriceBook } from '@skycrate/core/economics/price-book'
import type { Database } from '../../src/db/database.ts'
import { readsOf } from '../../src/db/reads.ts'
import type { Jobs } from '../../src/jobs/jobs.ts'
import { S3_CLASSES } from '../../src/stores/storage-classes.ts'
import { shippedPrices } from '../../src/usage/price-file.ts'
import { createStorage, type Storage } from '../../src/usage/storage.ts'
import { testProcess } from '../test-process.ts'

export interface TestUsage extends AsyncDisposable {
  readonly storage: Storage
  readonly jobs: Jobs
  /** Waits for the end of a job. */
  ended(id: string): Promise<JobView>
}

/** What a process does to count, on the real database and store. It checkpoints after every page. */
export async function testUsage(setup: {
  readonly database: Database
  readonly endpoint: string
  /** Whether this process takes jobs; true when absent. */
  readonly works?: boolean
  readonly prices?: PriceBook
  readonly now?: () => number
}): Promise<TestUsage> {
  await using starting = new AsyncDisposableStack()
  const { database, now = Date.now } = setup
  const process = { ...setup, leaseMs: 1000 }
  const { logger, audit, permissions, store, jobs } = await testProcess(starting, process)
  const storage = createStorage({
    reads: readsOf(database),
    database,
    audit,
    permissions,
    jobs,
    storeOf: () => store,
    storageClasses: S3_CLASSES,
    prices: { book: setup.prices ?? shippedPrices(), configured: setup.prices !== undefined },
    logger,
    now,
    checkpointMs: 0,
  })
  if (setup.works !== false) await jobs.start()
  const running = starting.move()
  return {
    storage,
    jobs,
    async ended(id) {
      for (;;) {
        const job = await jobs.find(id, { userId: 'usr_none' as UserId, isAdmin: true })
        if (job.state !== 'queued' && job.state !== 'running') return job
        await sleep(20)
      }
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}
