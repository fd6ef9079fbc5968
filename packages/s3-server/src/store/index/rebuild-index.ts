import { existsSync } from 'node:fs'
import { copyFile, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { listBases } from './base-file.ts'
import { lockDirectory } from '../directory-lock.ts'
import { syncDirectory, syncFile } from '../durable-file.ts'
import { positionOf, prepareIndex } from './index-schema.ts'
import { Journal, journalDirectory } from './journal.ts'
import { JournalDamageError } from './journal-segment.ts'
import { replayJournal } from './replay-journal.ts'

export interface RebuildOptions {
  readonly dataDir: string
  /** Makes do with what can be read when the journal itself is damaged: the index as it was before the damage. */
  readonly partial: boolean
}

export interface RebuildReport {
  /** The position of the base that it began with; undefined when the journal goes back to the store's beginning. */
  readonly base: number | undefined
  /** Entries of the journal that were applied. */
  readonly applied: number
  /** What could not be applied; undefined when nothing is lost. */
  readonly loss: string | undefined
}

const INDEX_FILES = ['index.sqlite', 'index.sqlite-wal', 'index.sqlite-shm']

const replayAll = async (
  database: DatabaseSync,
  journalDir: string,
  partial: boolean,
): Promise<Omit<RebuildReport, 'base'>> => {
  const before = positionOf(database)
  let loss: string | undefined
  try {
    await replayJournal(database, journalDir)
  } catch (error) {
    if (!partial || !(error instanceof JournalDamageError)) throw error
    loss = error.message
  }
  const wrong = database.prepare('PRAGMA integrity_check').get()?.['integrity_check']
  if (wrong !== 'ok') throw new Error(`What the journal gives is no sound index: ${String(wrong)}`)
  return { applied: positionOf(database) - before, loss }
}

const moveAside = async (dataDir: string, names: readonly string[]): Promise<void> => {
  const folder = join(dataDir, 'damaged')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  for (const name of names) {
    // What an earlier one has put there may be all that is left of the data.
    let kept = name
    for (let at = 2; existsSync(join(folder, kept)); at++) kept = `${name}.${at}`
    await rename(join(dataDir, name), join(folder, kept)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
  }
  await syncDirectory(folder)
}

/**
 * Makes the index anew from its last base and the journal since, as it was after the last acknowledged change. The old
 * one, if there is any, is kept in `damaged/`. Whatever stops it on its way, it can be run again.
 *
 * @throws DirectoryInUseError; JournalDamageError; IndexSchemaError; Error when there is neither a base nor the beginning of the journal
 */
export const rebuildIndex = async ({ dataDir, partial }: RebuildOptions): Promise<RebuildReport> => {
  const journalDir = journalDirectory(dataDir)
  const [base] = await listBases(journalDir)
  if (base === undefined && !(await Journal.exists(journalDir))) {
    throw new Error(`${journalDir} has neither a base nor a journal. Restore the directory from a backup.`)
  }
  using _lock = lockDirectory(dataDir)
  const path = join(dataDir, 'index.sqlite.new')
  await rm(path, { force: true })
  if (base !== undefined) await copyFile(base.path, path)
  const database = new DatabaseSync(path)
  let report: Omit<RebuildReport, 'base'>
  try {
    // Not synced step by step: the whole file is, at the end.
    database.exec('PRAGMA synchronous = OFF')
    prepareIndex(database, base?.path ?? path)
    report = await replayAll(database, journalDir, partial)
  } catch (error) {
    database.close()
    await rm(path, { force: true })
    throw error
  }
  database.close()
  await syncFile(path)
  await moveAside(dataDir, INDEX_FILES)
  await rename(path, join(dataDir, 'index.sqlite'))
  await syncDirectory(dataDir)
  // What is damaged must not be applied again; the next start makes a base to begin with.
  if (report.loss !== undefined) await moveAside(dataDir, ['journal'])
  return { base: base?.position, ...report }
}
