import { existsSync } from 'node:fs'
import { mkdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { BlobId } from './blobs/blob-id.ts'
import { Ballast } from './ballast.ts'
import { BlobStore, hasBlobs } from './blobs/blob-store.ts'
import { BlobTable } from './tables/blob-table.ts'
import { BucketTable } from './tables/bucket-table.ts'
import { DirectoryInUseError, lockDirectory } from './directory-lock.ts'
import { EventTable } from './tables/event-table.ts'
import { findStore } from './find-store.ts'
import { isCorruption } from './index/is-corruption.ts'
import { randomHex } from '../random-text.ts'
import { readMarker, writeMarker } from './store-marker.ts'
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

/** Free bytes below which a start may fail for want of room. */
const FULL = 1024 * 1024

interface OpenParts {
  readonly index: IndexDatabase
  readonly keys: KeyRing
  readonly blobs: BlobStore
  readonly ballast: Ballast
}

const rebuildAdvice = (dataDir: string): string =>
  `Make it anew from the journal: npx skycrate-s3 repair --rebuild-index --data ${dataDir}`

const openIndex = async (path: string, dataDir: string, ballast: Ballast): Promise<IndexDatabase> => {
  try {
    return await IndexDatabase.open(path, journalDirectory(dataDir), true, ballast)
  } catch (error) {
    if (!isCorruption(error)) throw error
    throw new Error(`${path} is damaged (${error.message}). ${rebuildAdvice(dataDir)}`, { cause: error })
  }
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
  readonly #directory: string
  readonly #ballast: Ballast
  readonly #lock: Disposable
  #closing = false
  readonly #sweep: Promise<number>

  private constructor(directory: string, { index, keys, blobs, ballast }: OpenParts, lock: Disposable) {
    this.#directory = directory
    this.#ballast = ballast
    ballast.keep()
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

  /**
   * @throws DirectoryInUseError; IndexSchemaError; Error when the directory is something else, can't be used, or has lost its
   *   index or its key file
   */
  static async open(options: StoreOptions): Promise<Store> {
    const { dataDir } = options
    await mkdir(dataDir, { recursive: true, mode: 0o700 })
    await findStore(dataDir)
    const ballast = new Ballast(dataDir)
    try {
      return await Store.#openLocked(options, ballast)
    } catch (error) {
      const { bavail, bsize } = await statfs(dataDir)
      // A start writes a little, which others may have left no room for.
      if (error instanceof DirectoryInUseError || bavail * bsize > FULL || !ballast.release()) throw error
      return Store.#openLocked(options, ballast)
    }
  }

  static async #openLocked({ dataDir, keyFile, now }: StoreOptions, ballast: Ballast): Promise<Store> {
    const lock = lockDirectory(dataDir)
    try {
      const indexPath = join(dataDir, 'index.sqlite')
      const hasIndex = existsSync(indexPath)
      // A sweep against an empty index would delete everything.
      if (!hasIndex && ((await Journal.exists(journalDirectory(dataDir))) || (await hasBlobs(dataDir)))) {
        throw new Error(`${indexPath} is missing, but there are objects. ${rebuildAdvice(dataDir)}`)
      }
      const marker = await readMarker(dataDir)
      const keys = await KeyRing.open(keyFile ?? join(dataDir, 'keys.json'), !hasIndex, marker?.keys ?? [])
      const index = await openIndex(indexPath, dataDir, ballast)
      // Deletes leftovers: only once the index has shown that the directory is ours.
      const blobs = await BlobStore.open(dataDir, keys, now, () => ballast.isHeld)
      const store = new Store(dataDir, { index, keys, blobs, ballast }, lock)
      await store.recordKeys()
      return store
    } catch (error) {
      lock[Symbol.dispose]()
      throw error
    }
  }

  /** Notes which keys the store may use from now on, so that another key file is not taken for its own. */
  async recordKeys(): Promise<void> {
    const marker = await readMarker(this.#directory)
    const { versions } = this.keys
    const isKnown = marker !== undefined && marker.isBackup === undefined && marker.keys.join() === versions.join()
    if (!isKnown) await writeMarker(this.#directory, { id: marker?.id ?? randomHex(16), keys: versions })
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
    await this.#ballast.close()
    await this.index.close()
    await this.blobs.close()
    this.#lock[Symbol.dispose]()
  }
}
