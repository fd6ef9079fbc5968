// Loaded into a server before its own code: notes every write, rename and sync of its files in the file SYNC_LOG, so that
// what was not synced can be taken away afterwards. SQLite writes by itself and is not seen here.
import fs from 'node:fs'
import promises from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { dirname } from 'node:path'
import { threadId } from 'node:worker_threads'

const log = fs.openSync(process.env['SYNC_LOG'] ?? '', 'a')
const { writeSync, fstatSync, statSync, fdatasync } = fs
let count = 0

/** One line, at once: it survives the end of the process. */
const note = (...fields: (string | number)[]): void => {
  writeSync(log, `${JSON.stringify(fields)}\n`)
}

const nextId = (): string => {
  count += 1
  return `${threadId}.${count}`
}

/** @param position undefined where it is wherever the file stands */
const noteWrite = (fd: number, position: unknown, length: number): (() => void) => {
  const id = nextId()
  note('write', id, fstatSync(fd).ino, typeof position === 'number' ? position : -1, length)
  return () => {
    note('written', id)
  }
}

const noteSync = (fd: number): (() => void) => {
  const id = nextId()
  note('sync', id, fstatSync(fd).ino)
  return () => {
    note('synced', id)
  }
}

const probe = await promises.open(process.execPath, 'r')
const handles = Object.getPrototypeOf(probe) as FileHandle
await probe.close()
/** Lets a method of all file handles be noted before it begins and after it is done. */
const noteMethod = (name: string, begin: (handle: FileHandle, given: readonly unknown[]) => () => void): void => {
  const original = Reflect.get(handles, name) as (this: FileHandle, ...given: unknown[]) => Promise<unknown>
  Reflect.set(handles, name, async function (this: FileHandle, ...given: unknown[]) {
    const done = begin(this, given)
    const result = await original.apply(this, given)
    done()
    return result
  })
}
noteMethod('write', ({ fd }, [, , length, position]) => noteWrite(fd, position, Number(length)))
noteMethod('writev', ({ fd }, [, position]) => noteWrite(fd, position, Number.MAX_SAFE_INTEGER))
noteMethod('writeFile', ({ fd }) => noteWrite(fd, undefined, 0))
noteMethod('sync', ({ fd }) => noteSync(fd))
noteMethod('datasync', ({ fd }) => noteSync(fd))

const { rename } = promises
Object.assign(promises, {
  async rename(from: string, to: string) {
    const id = nextId()
    note('rename', id, statSync(dirname(to)).ino, from, to)
    await rename(from, to)
    note('written', id)
  },
})
Object.assign(fs, {
  writeSync(fd: number, bytes: Buffer, offset: number, length: number, position: number) {
    const done = noteWrite(fd, position, length)
    const written = writeSync(fd, bytes, offset, length, position)
    done()
    return written
  },
  fdatasync(fd: number, callback: (error: NodeJS.ErrnoException | null) => void) {
    const done = noteSync(fd)
    fdatasync(fd, (error) => {
      if (error === null) done()
      callback(error)
    })
  },
})
syncBuiltinESMExports()
