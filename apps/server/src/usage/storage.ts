import type { Job as JobView } from '@skycrate/contract/jobs/schemas'
import type {
  CostAnalysis,
  InventoryRequest,
  StorageStats,
  StorageUsage,
  UsageQuery,
} from '@skycrate/contract/storage/schemas'
import type { PriceBook } from '@skycrate/core/economics/price-book'
import { DEFAULT_STORE, type StoreId } from '@skycrate/core/naming/store'
import type { FastifyBaseLogger } from 'fastify'
import type { PermissionCache } from '../access/permission-cache.ts'
import { changeRecorded } from '../access/record-change.ts'
import type { AuditLog, RequestOrigin } from '../audit/audit-event.ts'
import { findBucket } from '../buckets/bucket-records.ts'
import type { Database } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Store } from '../stores/store.ts'
import { costAnalysis } from './cost-analysis.ts'
import { INVENTORY_JOB, inventoryJob } from './inventory-job.ts'
import { scheduleInventories } from './schedule-inventories.ts'
import { storageStats } from './storage-stats.ts'
import { storageUsage } from './storage-usage.ts'
import { type Asker, usageScope } from './usage-scope.ts'

export const SCHEDULE_JOB = 'usage.schedule'

type Scope = 'mine' | 'all'

/** What is stored and what it costs. A person sees what they may list or read, an administrator everything. */
export interface Storage {
  /** @throws AppError `forbidden`, `invalid-request` */
  usage(who: Asker, query: UsageQuery): Promise<StorageUsage>
  stats(who: Asker, scope: Scope): Promise<StorageStats>
  costs(who: Asker, scope: Scope): Promise<CostAnalysis>
  /** @throws AppError `not-found`; `conflict` for a bucket that is not ready */
  takeInventory(who: Asker, request: InventoryRequest, origin: RequestOrigin): Promise<JobView>
}

export function createStorage(use: {
  readonly database: Database
  readonly audit: AuditLog
  readonly permissions: PermissionCache
  readonly jobs: Jobs
  readonly storeOf: (id: StoreId) => Store
  readonly prices: { readonly book: PriceBook; readonly configured: boolean }
  readonly logger: FastifyBaseLogger
  readonly now: () => number
  readonly checkpointMs?: number
}): Storage {
  const { database, audit, jobs, prices, now } = use
  // One of a process's jobs, so that a long listing leaves the others room.
  jobs.register(INVENTORY_JOB, inventoryJob({ ...use, prices: prices.book }), { lane: 'usage', atOnce: 1 })
  jobs.register(SCHEDULE_JOB, () => scheduleInventories(database, jobs))

  return {
    usage: async (who, query) => storageUsage(database, await usageScope(use, who, query.scope ?? 'mine'), query),

    stats: async (who, scope) => storageStats(database, await usageScope(use, who, scope)),

    costs: async (who, scope) =>
      costAnalysis(
        { database, prices: prices.book, configured: prices.configured, now, refusal: () => null },
        await usageScope(use, who, scope),
      ),

    async takeInventory(who, { store = DEFAULT_STORE, bucket }, origin) {
      const ref = { store: store as StoreId, bucket }
      const record = await findBucket(database, ref)
      if (record === undefined || record.state === 'deleted') {
        throw new AppError('not-found', 'There is no bucket of this name in the list.')
      }
      if (record.state !== 'ready') throw new AppError('conflict', 'This bucket is not ready.')
      const id = await changeRecorded({ database, audit }, async (tx, noted) => {
        const made = await jobs.enqueue(INVENTORY_JOB, ref, {
          createdBy: who.userId,
          key: `${ref.store}/${bucket}`,
          about: { bucket, names: [''], items: 1 },
          tx,
        })
        await noted({
          action: 'job.create',
          outcome: 'allow',
          userId: who.userId,
          store: ref.store,
          bucket,
          key: null,
          reason: null,
          detail: { jobId: made, kind: INVENTORY_JOB },
          origin,
        })
        return made
      })
      return jobs.find(id, { userId: who.userId, isAdmin: true })
    },
  }
}
