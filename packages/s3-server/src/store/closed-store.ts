import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { BlobStore } from './blobs/blob-store.ts'
import { BlobTable } from './tables/blob-table.ts'
import { BucketTable } from './tables/bucket-table.ts'
import { lockDirectory } from './directory-lock.ts'
import { EventTable } from './tables/event-table.ts'
import { findStore } from './find-store.ts'
import { findJournalDamage } from './index/find-journal-damage.ts'
import { IndexDatabase } from './index/index-database.ts'
import { IndexSchemaError } from './index/index-schema.ts'
import { journalDirectory } from './index/journal.ts'
import { KeyRing } from './keys/key-ring.ts'
import { ObjectTable } from './tables/object-table.ts'
import { readMarker } from './store-marker.ts'

/** A data directory that no server has open, opened for a look or a repair: nothing is swept, nothing is made. */
export interface ClosedStore extends AsyncDisposable {
  readonly directory: string
  readonly index: IndexDatabase
  readonly keys: KeyRing
  readonly blobs: BlobStore
  readonly blobTable: BlobTable
  readonly objects: ObjectTable
  /** Why the index could not be made anew from its journal; undefined when it could. */
  readonly journalDamage: string | undefined
}

/**
 * @throws DirectoryInUseError; Error when there is no store, no key file, or the index is too damaged to be opened
 */
export const openClosedStore = async (
  directory: string,
  keyFile = join(directory, 'keys.json'),
): Promise<ClosedStore> => {
  const indexPath = join(directory, 'index.sqlite')
  if (!existsSync(indexPath)) throw new Error(`${indexPath} is missing: repair --rebuild-index makes it anew.`)
  if (!existsSync(keyFile)) throw new Error(`${keyFile} is missing.`)
  await findStore(directory)
  const lock = lockDirectory(directory)
  try {
    const keys = await KeyRing.open(keyFile, false, (await readMarker(directory))?.keys ?? [])
    const blobs = BlobStore.inspect(directory, keys)
    const journalDamage = await findJournalDamage(journalDirectory(directory))
    let index: IndexDatabase
    try {
      index = await IndexDatabase.open(indexPath, journalDirectory(directory), false)
    } catch (error) {
      if (error instanceof IndexSchemaError) throw error
      throw new Error(`${indexPath} can't be opened: repair --rebuild-index makes it anew.`, { cause: error })
    }
    const blobTable = new BlobTable(index)
    return {
      directory,
      index,
      keys,
      blobs,
      blobTable,
      objects: new ObjectTable(index, blobTable, new EventTable(index, new BucketTable(index))),
      journalDamage,
      [Symbol.asyncDispose]: async () => {
        await index.close()
        await blobs.close()
        lock[Symbol.dispose]()
      },
    }
  } catch (error) {
    lock[Symbol.dispose]()
    throw error
  }
}
