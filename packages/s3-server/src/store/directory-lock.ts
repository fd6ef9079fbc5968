import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Another process (or another server in this one) has the data directory open. */
export class DirectoryInUseError extends Error {
  readonly directory: string

  constructor(directory: string, owner: string) {
    super(`The data directory ${directory} is in use${owner === '' ? '' : ` by process ${owner}`}.`)
    this.name = 'DirectoryInUseError'
    this.directory = directory
  }
}

/**
 * Holds a data directory for this server alone. The lock is the kernel's (the exclusive lock of an SQLite file), so it
 * ends with its process however that dies, and a stale pid file can't keep anyone out. The pid is there for the message.
 *
 * @throws DirectoryInUseError
 */
export const lockDirectory = (directory: string): Disposable => {
  const pidFile = join(directory, 'lock.pid')
  const database = new DatabaseSync(join(directory, 'lock.sqlite'), { timeout: 0 })
  try {
    database.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if ((error as { errcode?: number }).errcode !== 5) throw error
    let owner = ''
    try {
      owner = readFileSync(pidFile, 'utf8').trim()
    } catch {
      // The owner has not written it yet.
    }
    throw new DirectoryInUseError(directory, owner)
  }
  writeFileSync(pidFile, `${process.pid}\n`)
  return {
    [Symbol.dispose]: () => {
      if (database.isOpen) database.close()
    },
  }
}
