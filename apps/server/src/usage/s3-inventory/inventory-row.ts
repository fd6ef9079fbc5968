import type { InventoryItem } from '../../stores/inventory-store.ts'
import { inventoryUnreadable } from './inventory-unreadable.ts'

/** A row of an inventory file, whatever its format. */
export interface InventoryRow {
  readonly bucket: string | undefined
  readonly key: string
  /** Undefined of a delete marker. */
  readonly size: number | undefined
  /** Milliseconds since the epoch. */
  readonly modified: number
  readonly etag: string
  readonly storageClass: string
  /** Undefined where the inventory has current versions alone. */
  readonly isLatest: boolean | undefined
  readonly isMarker: boolean | undefined
  /** Of Intelligent-Tiering; '' of other classes, undefined where the inventory has no such column. */
  readonly tier: string | undefined
}

/**
 * Makes items of rows. The versions of a key mostly follow one another, the newest first; then a version counts as old since
 * the one before it was written. Where they do not, it counts since it was written itself.
 * @param source the bucket that all rows have to be about
 * @param file for messages
 */
export function itemsOf(source: string, file: string): (row: InventoryRow) => InventoryItem {
  let [lastKey, lastModified] = ['', 0]
  return (row) => {
    const { key, size = 0, modified, etag, storageClass, isLatest = true, isMarker = false } = row
    if (row.bucket !== undefined && row.bucket !== source) {
      throw inventoryUnreadable(`a row of ${file} is about the bucket ${row.bucket.slice(0, 64)}`)
    }
    if (key === '' || !Number.isFinite(modified) || !Number.isSafeInteger(size) || size < 0) {
      throw inventoryUnreadable(`a row of ${file} has no key, size or date`)
    }
    const since = !isLatest && key === lastKey && lastModified >= modified ? lastModified : modified
    lastKey = key
    lastModified = modified
    return {
      key,
      size,
      modified,
      // Of delete markers there is none.
      storageClass: storageClass === '' ? 'STANDARD' : storageClass,
      etag,
      place: isMarker ? 'marker' : isLatest ? 'current' : 'noncurrent',
      since,
      ...(row.tier !== undefined && storageClass === 'INTELLIGENT_TIERING' && { tier: tierOf(row.tier) }),
    }
  }
}

/** One that is not named costs most. */
function tierOf(name: string): 0 | 1 | 2 {
  const tier = name.toUpperCase()
  return tier.startsWith('INFREQUENT') ? 1 : tier.includes('ARCHIVE') ? 2 : 0
}
