import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { BlobId } from './blobs/blob-id.ts'
import { BlobStore } from './blobs/blob-store.ts'
import { BlobTable } from './tables/blob-table.ts'
import { BucketTable } from './tables/bucket-table.ts'
import { lockDirectory } from './directory-lock.ts'
import { EventTable } from './tables/event-table.ts'
import { IndexDatabase } from './index/index-database.ts'
import { Journal, journalDirectory } from './index/journal.ts'
import { KeyRing } from './keys/key-ring.ts'
import { LifecycleTable } from './tables/lifecycle-table.ts'
import { ListingTable } from './tables/listing-table.ts'
import { ObjectTable } from './tables/object-table.ts'
import { UploadTable } from './tables/upload-table.ts'

export interface StoreOptions {
  readonly dataDir: string
  /** Where the wrapping keys lie; `keys.json` in the data directory when absent. */
  readonly keyFile?: string
  /** Milliseconds since 1970; blobs older than this that the index does not name are swept. */
  readonly now: number
}

/** A data directory, open: the index, the blobs, and the tables over the index. */
export class Store {
  readonly index: IndexDatabase
  readonly keys: KeyRing
  readonly blobs: BlobStore
  readonly blobTable: BlobTable
  readonly buckets: BucketTable
  readonly events: EventTable
  readonly objects: ObjectTable
  readonly lifecycle: LifecycleTable
  readonly listings: ListingTable
  readonly uploads: UploadTable
  readonly #lock: Disposable
  #closing = false
  readonly #sweep: Promise<number>

  private constructor(index: IndexDatabase, keys: KeyRing, blobs: BlobStore, lock: Disposable) {
    this.index = index
    this.keys = keys
    this.blobs = blobs
    this.#lock = lock
    this.blobTable = new BlobTable(index)
    this.buckets = new BucketTable(index)
    this.events = new EventTable(index, this.buckets)
    this.objects = new ObjectTable(index, this.blobTable, this.events)
    this.lifecycle = new LifecycleTable(index)
    this.listings = new ListingTable(index)
    this.uploads = new UploadTable(index, this.blobTable, this.objects)
    // In the background: a start must not wait for a walk over millions of files.
    this.#sweep = blobs
      .sweep(
        (id) => this.blobTable.has(id),
        () => this.#closing,
      )
      .catch(() => 0)
  }

  /** @throws DirectoryInUseError; IndexSchemaError; Error when the directory can't be used */
  static async open({ dataDir, keyFile, now }: StoreOptions): Promise<Store> {
    await mkdir(dataDir, { recursive: true, mode: 0o700 })
    const lock = lockDirectory(dataDir)
    try {
      const keys = await KeyRing.open(keyFile ?? join(dataDir, 'keys.json'))
      const blobs = await BlobStore.open(dataDir, keys, now)
      const indexPath = join(dataDir, 'index.sqlite')
      // A sweep against an empty index would delete everything.
      if (!existsSync(indexPath) && ((await Journal.exists(journalDirectory(dataDir))) || (await blobs.hasBlobs()))) {
        throw new Error(`${indexPath} is missing, but there are objects. Make it anew: repair --rebuild-index.`)
      }
      return new Store(await IndexDatabase.open(indexPath, journalDirectory(dataDir)), keys, blobs, lock)
    } catch (error) {
      lock[Symbol.dispose]()
      throw error
    }
  }

  /** Changes the index durably, then deletes the files that nothing refers to any more. */
  async change<T extends { readonly freed: readonly BlobId[] }>(change: () => T): Promise<T> {
    const result = await this.index.write(change)
    this.blobs.remove(result.freed)
    return result
  }

  /** Resolves when the sweep of this start is done, with how many leftovers it removed. */
  get swept(): Promise<number> {
    return this.#sweep
  }

  async close(): Promise<void> {
    this.#closing = true
    await this.#sweep
    await this.index.close()
    await this.blobs.close()
    this.#lock[Symbol.dispose]()
  }
}
