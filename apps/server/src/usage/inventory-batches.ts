import type { InventoryCursor, InventoryItem, InventoryStore } from '../stores/inventory-store.ts'
import { AppError } from '../errors/app-error.ts'

/** Some of what is in a bucket, as an inventory comes upon it. */
export interface InventoryBatch {
  readonly items: readonly InventoryItem[]
  /** Where a later try may go on after these; undefined where it has to begin before them. */
  readonly after: InventoryCursor | undefined
  /** Whether every key of all following batches comes after these. */
  readonly inOrder: boolean
}

/** Lists a bucket page by page. @throws AppError `bucket-missing` */
export async function* listedBatches(
  store: InventoryStore,
  bucket: string,
  from: InventoryCursor | undefined,
): AsyncGenerator<InventoryBatch> {
  let cursor = from
  do {
    const page = await store.inventory(bucket, cursor)
    if (!page.ok) throw new AppError('bucket-missing', 'The store has no bucket of this name any more.')
    const { items, next } = page.value
    yield { items, after: next, inOrder: items.at(-1)?.place !== 'upload' }
    cursor = next
  } while (cursor !== undefined)
}
