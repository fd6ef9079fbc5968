import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { BlobStore } from './blob-store.ts'
import { BlobTable } from './blob-table.ts'
import { lockDirectory } from './directory-lock.ts'
import { IndexDatabase } from './index-database.ts'
import { KeyRing } from './key-ring.ts'
import { ObjectTable } from './object-table.ts'

/** A data directory that no server has open, opened for a look or a repair: nothing is swept, nothing is made. */
export interface ClosedStore extends AsyncDisposable {
  readonly directory: string
  readonly index: IndexDatabase
  readonly blobs: BlobStore
  readonly blobTable: BlobTable
  readonly objects: ObjectTable
}

/**
 * @throws DirectoryInUseError; Error when there is no store, no key file, or the index is too damaged to be opened
 */
export const openClosedStore = async (
  directory: string,
  keyFile = join(directory, 'keys.json'),
): Promise<ClosedStore> => {
  const indexPath = join(directory, 'index.sqlite')
  for (const path of [indexPath, keyFile]) if (!existsSync(path)) throw new Error(`${path} is missing.`)
  const lock = lockDirectory(directory)
  try {
    const keys = await KeyRing.open(keyFile)
    const blobs = BlobStore.inspect(directory, keys)
    let index: IndexDatabase
    try {
      index = new IndexDatabase(indexPath)
    } catch (error) {
      throw new Error(`${indexPath} can't be opened. Restore the directory from a backup.`, { cause: error })
    }
    const blobTable = new BlobTable(index)
    return {
      directory,
      index,
      blobs,
      blobTable,
      objects: new ObjectTable(index, blobTable),
      [Symbol.asyncDispose]: async () => {
        index.close()
        await blobs.close()
        lock[Symbol.dispose]()
      },
    }
  } catch (error) {
    lock[Symbol.dispose]()
    throw error
  }
}
