// A process of its own: `node make-index-base.ts INDEX JOURNAL` copies the index beside its journal and prints the
// position of the copy. It reads through SQLite, so a server may go on changing the index meanwhile.
import { open, rename, rm, unlink } from 'node:fs/promises'
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { basePath, listBases } from './base-file.ts'
import { syncDirectory, syncFile } from '../durable-file.ts'
import { positionOf } from './index-schema.ts'

/** Every row is read on the way and the copy is built anew, so that damage to the index's pages does not spread. */
const copyIndex = (from: string, to: string): number => {
  const index = new DatabaseSync(from, { readOnly: true, timeout: 10_000 })
  try {
    index.prepare('VACUUM INTO ?').run(to)
  } finally {
    index.close()
  }
  const copy = new DatabaseSync(to, { readOnly: true })
  try {
    return positionOf(copy)
  } finally {
    copy.close()
  }
}

const makeIndexBase = async (index: string, directory: string): Promise<number> => {
  const temporary = join(directory, `base-${process.pid}.new`)
  try {
    const position = copyIndex(index, temporary)
    await syncFile(temporary)
    const path = basePath(directory, position)
    await rename(temporary, path)
    await syncDirectory(directory)
    // The journal is about to lose what the base has: from here on the index must not fall back behind it.
    const wal = await open(`${index}-wal`, 'r+').catch(() => undefined)
    await wal?.sync()
    await wal?.close()
    for (const older of await listBases(directory)) if (older.position < position) await unlink(older.path)
    return position
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

const [index, directory] = process.argv.slice(2)
if (index === undefined || directory === undefined) throw new Error('two paths are needed')
setPriority(constants.priority.PRIORITY_LOW)
process.stdout.write(`${await makeIndexBase(index, directory)}\n`)
