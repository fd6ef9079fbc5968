import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { listBases } from './index/base-file.ts'
import { isCorruption } from './index/is-corruption.ts'
import { Journal, journalDirectory } from './index/journal.ts'
import { readMarker } from './store-marker.ts'

/** What a store makes, changes and deletes in its directory. */
const OURS = ['blobs', 'tmp', 'journal', 'damaged', 'index.sqlite', 'index.sqlite-wal', 'index.sqlite-shm']

/** Whether the tables are ours, or there are none at all yet. @throws what SQLite says of a damaged file */
const isIndex = (path: string): boolean => {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 10_000 })
  try {
    const names = database.prepare(`SELECT name FROM sqlite_master WHERE type = 'table'`).all()
    const tables = new Set(names.map(({ name }) => name))
    return tables.size === 0 || ['bucket', 'blob', 'journal'].every((name) => tables.has(name))
  } finally {
    database.close()
  }
}

/**
 * Whether a directory is a store, though a damaged one, or may become one. Nothing in it is changed.
 *
 * @throws Error when it is neither: it has something of which a store would take possession
 */
export const findStore = async (directory: string): Promise<'store' | 'none'> => {
  if ((await readMarker(directory)) !== undefined) return 'store'
  const journal = journalDirectory(directory)
  if ((await Journal.exists(journal)) || (await listBases(journal)).length > 0) return 'store'
  const index = join(directory, 'index.sqlite')
  try {
    if (existsSync(index) && isIndex(index)) return 'store'
  } catch (error) {
    if (!isCorruption(error)) throw error
  }
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const foreign = names.find((name) => OURS.includes(name))
  if (foreign === undefined) return 'none'
  throw new Error(`${directory} is no store, but has ${foreign}, which a store would use. Choose an empty directory.`)
}
