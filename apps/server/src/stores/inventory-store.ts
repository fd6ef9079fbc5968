import type { StoreResult } from './object-store.ts'

/** A version, a delete marker or an unfinished upload as an inventory finds it. */
export interface InventoryItem {
  readonly key: string
  /** Bytes; of an unfinished upload, of its parts. */
  readonly size: number
  /** Milliseconds since the epoch. */
  readonly modified: number
  readonly storageClass: string
  /** Without quotes. */
  readonly etag: string
  readonly place: 'current' | 'noncurrent' | 'marker' | 'upload'
  /** When it was replaced or deleted; as `modified` for what is current. */
  readonly since: number
  /** In Intelligent-Tiering: 0 frequent, 1 infrequent, 2 colder. Undefined where it is not known: listings do not tell. */
  readonly tier?: 0 | 1 | 2
}

/** Where an inventory goes on. JSON. */
export type InventoryCursor =
  | {
      readonly of: 'versions'
      readonly key: string
      readonly versionId: string | undefined
      /** When the last version of `key` was written: the next one of the key is older. */
      readonly modified: number
    }
  | { readonly of: 'objects'; readonly token: string }
  | { readonly of: 'uploads'; readonly key: string; readonly uploadId: string | undefined }
  /** A file of S3 Inventory, by its number in the manifest. No store lists from there. */
  | { readonly of: 'files'; readonly manifest: string; readonly file: number }

export interface InventoryPage {
  /** In order of their keys, and before them all unfinished uploads. */
  readonly items: readonly InventoryItem[]
  /** Undefined at the end. */
  readonly next: InventoryCursor | undefined
}

/** Lists what is paid for. Throws as `Store` says. */
export interface InventoryStore {
  /** A page of at most 1,000 items; it may be empty and still not the last. */
  inventory(bucket: string, cursor: InventoryCursor | undefined): Promise<StoreResult<InventoryPage>>
}
