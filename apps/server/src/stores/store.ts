import type { StoreId } from '@skycrate/core/naming/store'
import type { BucketAdmin } from './bucket-admin.ts'
import type { CopyStore } from './copy-store.ts'
import type { InventoryStore } from './inventory-store.ts'
import type { MultipartStore } from './multipart-store.ts'
import type { ObjectStore } from './object-store.ts'
import type { ReadStore } from './read-store.ts'
import type { TagStore } from './tag-store.ts'
import type { TieringStore } from './tiering-store.ts'
import type { VersionStore } from './version-store.ts'

/**
 * An object store, reached through its public API alone.
 *
 * Every request to it ends within the request time-out, its retries included. All methods throw AppError
 * `store-unavailable` where the store cannot be reached, is overloaded or broken, and `store-refused` (the store's own
 * answer as `cause`, for the log) where it understood and said no.
 */
export interface Store
  extends
    BucketAdmin,
    ObjectStore,
    VersionStore,
    CopyStore,
    MultipartStore,
    InventoryStore,
    ReadStore,
    TieringStore,
    TagStore {
  readonly id: StoreId
  /** Where buckets are created when no region is named. */
  readonly region: string
  /** Resolves where the store answers and knows our credentials. */
  ping(): Promise<void>
  close(): void
}
