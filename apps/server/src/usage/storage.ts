import type { Job as JobView } from '@skycrate/contract/jobs/schemas'
import type { StorageClasses } from '@skycrate/contract/storage/class-schemas'
import type { CostAnalysis } from '@skycrate/contract/storage/cost-schemas'
import type {
  InventoryFiles,
  InventoryFilesChange,
  InventoryRequest,
  OwnCounts,
} from '@skycrate/contract/storage/inventory-schemas'
import type { BucketRules, RulesChange } from '@skycrate/contract/storage/rule-schemas'
import type { StorageStats, StorageUsage, UsageQuery } from '@skycrate/contract/storage/schemas'
import { type PriceBook, pricesOf } from '@skycrate/core/economics/price-book'
import type { UserId } from '@skycrate/core/naming/id'
import { DEFAULT_STORE, type StoreId } from '@skycrate/core/naming/store'
import type { FastifyBaseLogger } from 'fastify'
import type { PermissionCache } from '../access/permission-cache.ts'
import type { AuditLog, RequestOrigin } from '../audit/audit-event.ts'
import type { Database } from '../db/database.ts'
import type { Reads } from '../db/reads.ts'
import { AppError } from '../errors/app-error.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Store } from '../stores/store.ts'
import { costAnalysis } from './cost-analysis.ts'
import { countLimit, countOwnPlaces } from './count-own-places.ts'
import { INVENTORY_JOB, inventoryJob } from './inventory-job.ts'
import { changeInventoryFiles, readInventoryFiles } from './s3-inventory/inventory-files.ts'
import { findSource } from './s3-inventory/inventory-sources.ts'
import { requireReadyBucket } from './ready-bucket.ts'
import { scheduleInventories } from './schedule-inventories.ts'
import { startCount } from './start-count.ts'
import { storageStats } from './storage-stats.ts'
import { storageUsage } from './storage-usage.ts'
import { changeRules, readRules } from './tiering.ts'
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
  /** @throws as `countOwnPlaces` */
  countOwnPlaces(who: Asker, origin: RequestOrigin): Promise<OwnCounts>
  /** @throws as `readInventoryFiles` */
  inventoryFiles(store: string, bucket: string): Promise<InventoryFiles>
  /** @throws as `changeInventoryFiles` */
  setInventoryFiles(
    store: string,
    bucket: string,
    change: InventoryFilesChange,
    by: { readonly userId: UserId; readonly origin: RequestOrigin },
  ): Promise<InventoryFiles>
  classes(): StorageClasses
  /** @throws as `readRules` */
  rules(store: string, bucket: string): Promise<BucketRules>
  /** @throws as `changeRules` */
  changeRules(
    store: string,
    bucket: string,
    change: RulesChange,
    by: { readonly userId: UserId; readonly origin: RequestOrigin; readonly ifMatch: string | undefined },
  ): Promise<BucketRules>
}

export function createStorage(use: {
  readonly database: Database
  readonly reads: Pick<Reads, 'recent'>
  readonly audit: AuditLog
  readonly permissions: PermissionCache
  readonly jobs: Jobs
  readonly storeOf: (id: StoreId) => Store
  readonly prices: { readonly book: PriceBook; readonly configured: boolean }
  /** That the store has. */
  readonly storageClasses: readonly string[]
  readonly logger: FastifyBaseLogger
  readonly now: () => number
  readonly checkpointMs?: number
}): Storage {
  const { database, audit, jobs, prices, now, storageClasses } = use
  // One of a process's jobs, so that a long listing leaves the others room.
  jobs.register(INVENTORY_JOB, inventoryJob({ ...use, prices: prices.book }), { lane: 'usage', atOnce: 1 })
  jobs.register(SCHEDULE_JOB, () => scheduleInventories(database, jobs))

  const lately = countLimit(database)

  const refusal = (_store: string, toClass: string | null): string | null =>
    toClass === null || storageClasses.includes(toClass) ? null : `This store does not have the class ${toClass}.`

  return {
    usage: async (who, query) =>
      storageUsage(use.reads.recent, await usageScope(use, who, query.scope ?? 'mine'), query, who.userId),

    stats: async (who, scope) => storageStats(use.reads.recent, await usageScope(use, who, scope)),

    costs: async (who, scope) =>
      costAnalysis(
        { database: use.reads.recent, prices: prices.book, configured: prices.configured, now, refusal },
        await usageScope(use, who, scope),
      ),

    async takeInventory(who, { store = DEFAULT_STORE, bucket, from }, origin) {
      const ref = { store: store as StoreId, bucket }
      await requireReadyBucket(database, ref)
      if (from === 's3-inventory' && (await findSource(database, ref)) === undefined) {
        throw new AppError('conflict', 'This bucket has no files of S3 Inventory that SkyCrate knows of.')
      }
      const id = await startCount({ database, audit, jobs }, who.userId, { ...ref, ...(from && { from }) }, origin)
      return jobs.find(id, { userId: who.userId, isAdmin: true })
    },

    countOwnPlaces: (who, origin) => countOwnPlaces({ ...use, lately }, who, origin),

    inventoryFiles: (store, bucket) => readInventoryFiles(use, { store: store as StoreId, bucket }),

    setInventoryFiles: (store, bucket, change, by) =>
      changeInventoryFiles(use, { store: store as StoreId, bucket }, change, by),

    classes() {
      const { classes } = pricesOf(prices.book, null)
      return {
        classes: storageClasses.map((name) => {
          const price = classes[name]
          return {
            name,
            archive: price?.archive ?? false,
            minimumDays: price?.minimumDays ?? 0,
            minimumBytes: price?.minimumBytes ?? 0,
            perGBMonth: price?.tiers[0]?.perGBMonth ?? null,
          }
        }),
        currency: prices.book.currency,
      }
    },

    rules: (store, bucket) => readRules(use, { store: store as StoreId, bucket }),

    changeRules: (store, bucket, change, by) => changeRules(use, { store: store as StoreId, bucket }, change, by),
  }
}
