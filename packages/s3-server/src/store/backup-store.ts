import { existsSync } from 'node:fs'
import { mkdir, opendir, readdir, rename, rm, rmdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { blobFolder, isBlobId } from './blobs/blob-id.ts'
import type { BlobId } from './blobs/blob-id.ts'
import { syncDirectory, syncFile } from './durable-file.ts'
import { lockDirectory } from './directory-lock.ts'
import { findStore } from './find-store.ts'
import { journalDirectory } from './index/journal.ts'
import { readMarker, writeMarker } from './store-marker.ts'
import { keepVersions, readKeyFile, writeKeyFile } from './keys/key-file.ts'
import type { KeyFile } from './keys/key-file.ts'
import { placeFile } from './blobs/place-file.ts'

export interface BackupOptions {
  /** A store, open in a running server or not. */
  readonly dataDir: string
  /** Made when missing. A backup of the same store that is there already is brought up to date. */
  readonly target: string
  /** The key file to go with it, when it is to. */
  readonly keyFile: string | undefined
  /** Copies blobs though they could be linked. */
  readonly copy: boolean
}

export interface BackupReport {
  readonly blobs: number
  readonly bytes: number
  /** Blobs that the index names and the disk has lost; the backup lacks them. */
  readonly lost: readonly BlobId[]
}

/** What a target may have before the first backup: the lock of one that was cut off at once, and what file systems make. */
const EMPTY = new Set(['lock.sqlite', 'lock.pid', 'store.json.new', 'lost+found'])

/** @throws Error for a target that has anything but a backup of this store */
const requireOwnTarget = async (target: string, id: string): Promise<void> => {
  const marker = await readMarker(target)
  if (marker !== undefined) {
    if (marker.id !== id) throw new Error(`${target} belongs to another store. Choose an empty directory.`)
    if (marker.isBackup === true) return
    throw new Error(
      `A server has run on ${target}: a backup would delete what it has written. Choose an empty directory.`,
    )
  }
  if ((await readdir(target)).every((name) => EMPTY.has(name))) return
  throw new Error(`${target} is not empty and has no backup of this store. Choose an empty directory.`)
}

/** Deletes the journal of an index that is replaced, and nothing else that lies there. */
const deleteJournal = async (directory: string): Promise<void> => {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (names === undefined) return
  for (const name of names) {
    if (/^([0-9]{16}\.log|base-[0-9]{16}\.sqlite)$/.test(name)) await unlink(join(directory, name))
  }
  await rmdir(directory).catch(() => undefined)
}

/** How often the index may have moved on before the files it named were linked. */
const MAX_ATTEMPTS = 100

const filesOf = async function* (blobs: string): AsyncGenerator<BlobId, void, undefined> {
  for (const folder of await readdir(blobs)) {
    if (!/^[0-9a-f]{2}$/.test(folder)) continue
    for await (const { name } of await opendir(join(blobs, folder))) if (isBlobId(name)) yield name
  }
}

/** A look at the index that stays as it is while the server goes on. */
const openSnapshot = (index: DatabaseSync): Disposable => {
  index.exec('BEGIN')
  // The view begins with the first read.
  index.prepare('SELECT 1 FROM blob LIMIT 1').get()
  return {
    [Symbol.dispose]: () => {
      index.exec('ROLLBACK')
    },
  }
}

class Backup {
  readonly #options: BackupOptions
  readonly #from: string
  readonly #to: string
  /** Not found in the last snapshot. */
  #missing: ReadonlySet<BlobId> = new Set()
  readonly #lost = new Set<BlobId>()

  constructor(options: BackupOptions) {
    this.#options = options
    this.#from = join(options.dataDir, 'blobs')
    this.#to = join(options.target, 'blobs')
  }

  async run(): Promise<BackupReport> {
    const { dataDir, target, keyFile } = this.#options
    const indexPath = join(dataDir, 'index.sqlite')
    if (!existsSync(indexPath)) throw new Error(`${indexPath} is missing.`)
    const marker = await readMarker(dataDir)
    if ((await findStore(dataDir)) === 'none' || marker === undefined) {
      throw new Error(`${dataDir} has no store.json. Start the store once, which writes it.`)
    }
    await mkdir(target, { recursive: true, mode: 0o700 })
    await requireOwnTarget(target, marker.id)
    // Held by a server that runs on the target, and by another backup to it.
    using _lock = lockDirectory(target)
    await writeMarker(target, { ...marker, isBackup: true })
    await mkdir(this.#to, { recursive: true, mode: 0o700 })
    for (let at = 0; at < 256; at++) await mkdir(join(this.#to, at.toString(16).padStart(2, '0')), { recursive: true })
    // The bulk first, while the server goes on; then little is left to do against the clock.
    for await (const id of filesOf(this.#from)) await this.#place(id)
    using index = Object.assign(new DatabaseSync(indexPath, { readOnly: true, timeout: 10_000 }), {
      [Symbol.dispose](this: DatabaseSync) {
        this.close()
      },
    })
    const keysBefore = keyFile === undefined ? undefined : await this.#copyKeys(keyFile, await this.#keysThere())
    const report = await this.#snapshot(index)
    // Keys may have been rotated meanwhile: whatever moment the index is of, they open what it names.
    if (keyFile !== undefined) await this.#copyKeys(keyFile, keysBefore)
    await syncDirectory(target)
    await this.#removeExtra()
    return report
  }

  #place(id: BlobId): Promise<boolean> {
    const name = join(blobFolder(id), id)
    return placeFile(join(this.#from, name), join(this.#to, name), this.#options.copy)
  }

  /** Copies the index as it is at one moment, with every file that it names at that moment in place before. */
  async #snapshot(index: DatabaseSync): Promise<BackupReport> {
    const { target } = this.#options
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      using _snapshot = openSnapshot(index)
      if (!(await this.#placeNamed(index))) continue
      for (let at = 0; at < 256; at++) await syncDirectory(join(this.#to, at.toString(16).padStart(2, '0')))
      await syncDirectory(this.#to)
      const path = join(target, 'index.sqlite.new')
      await rm(path, { force: true })
      // Within the snapshot's transaction, hence of its moment.
      await backup(index, path, { rate: 1000 })
      await syncFile(path)
      for (const suffix of ['-wal', '-shm']) await rm(join(target, `index.sqlite${suffix}`), { force: true })
      // That of a server which ran on the target: it goes with the index that is replaced.
      await deleteJournal(journalDirectory(target))
      await rename(path, join(target, 'index.sqlite'))
      const { blobs, bytes } = index
        .prepare('SELECT COUNT(*) AS blobs, COALESCE(SUM(size), 0) AS bytes FROM blob')
        .get() as unknown as Omit<BackupReport, 'lost'>
      return { blobs, bytes, lost: [...this.#lost] }
    }
    throw new Error('Objects are deleted faster than they can be linked. Try again at a quieter time.')
  }

  /**
   * False when a file of the snapshot is gone: deleted since, so that a newer snapshot does not name it. When that does
   * too, the file is lost: a file goes only after the index has let go of it.
   */
  async #placeNamed(index: DatabaseSync): Promise<boolean> {
    const missing = new Set<BlobId>()
    const rows = index
      .prepare('SELECT id FROM blob WHERE content_id IS NULL ORDER BY id DESC')
      .iterate() as Iterable<unknown>
    for (const row of rows) {
      const { id } = row as { id: BlobId }
      if (this.#lost.has(id) || existsSync(join(this.#to, blobFolder(id), id)) || (await this.#place(id))) continue
      if (this.#missing.has(id)) this.#lost.add(id)
      else missing.add(id)
    }
    this.#missing = missing
    return missing.size === 0
  }

  /** The keys of the backup that is there already: its index needs them until it has been replaced. */
  async #keysThere(): Promise<KeyFile | undefined> {
    return readKeyFile(join(this.#options.target, 'keys.json')).catch(() => undefined)
  }

  /** Copies the key file, and what `older` has beside. Resolves with the file itself. */
  async #copyKeys(keyFile: string, older: KeyFile | undefined): Promise<KeyFile> {
    const file = await readKeyFile(keyFile)
    if (file === undefined) throw new Error(`${keyFile} is missing.`)
    const path = join(this.#options.target, 'keys.json')
    await writeKeyFile(path, older === undefined ? file : keepVersions(file, older))
    return file
  }

  /** Files that the copied index does not name: deleted since the backup before, or while this one ran. */
  async #removeExtra(): Promise<void> {
    const copied = new DatabaseSync(join(this.#options.target, 'index.sqlite'), { readOnly: true })
    try {
      const named = copied.prepare('SELECT 1 FROM blob WHERE id = ?')
      for (const folder of await readdir(this.#to)) {
        if (!/^[0-9a-f]{2}$/.test(folder)) continue
        for (const name of await readdir(join(this.#to, folder))) {
          const isOurs = isBlobId(name) || /^[0-9a-f]{32}\.part$/.test(name)
          if (isOurs && named.get(name) === undefined) await unlink(join(this.#to, folder, name))
        }
      }
    } finally {
      copied.close()
    }
    for (const suffix of ['-wal', '-shm'])
      await rm(join(this.#options.target, `index.sqlite${suffix}`), { force: true })
  }
}

/**
 * A consistent copy of a store while it runs: every object as it was at one moment. Blobs never change, so they are linked
 * where the target is on the same file system, copied elsewhere, and left alone where they are already.
 *
 * @throws DirectoryInUseError; Error when there is no store, or the target has anything but an earlier backup of it
 */
export const backupStore = (options: BackupOptions): Promise<BackupReport> => new Backup(options).run()
