import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import promises, { mkdtemp, readFile, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mock, test } from 'node:test'
import { BufferPool } from '../../memory/buffer-pool.ts'
import { BlobFile } from './blob-file.ts'

// As it is before it is watched.
const { open } = promises

const refusal = (): Error => Object.assign(new Error('EINVAL'), { code: 'EINVAL' })

interface Watched extends AsyncDisposable {
  readonly path: string
  /** Bytes that were written past the page cache. */
  direct: number
}

/** @param refusing O_DIRECT as file systems do that have none: at the opening, or at the first write */
const watch = async (refusing?: 'open' | 'write'): Promise<Watched> => {
  const directory = await mkdtemp(join(tmpdir(), 'skycrate-blob-file-'))
  const watched: Watched = {
    path: join(directory, 'blob'),
    direct: 0,
    [Symbol.asyncDispose]: async () => {
      mock.restoreAll()
      syncBuiltinESMExports()
      await rm(directory, { recursive: true })
    },
  }
  mock.method(promises, 'open', async (path: string, flags: string | number, mode?: number): Promise<FileHandle> => {
    const isDirect = typeof flags === 'number' && (flags & constants.O_DIRECT) !== 0
    if (isDirect && refusing === 'open') {
      // As some do.
      await (await open(path, 'wx')).close()
      throw refusal()
    }
    const handle = await open(path, flags, mode)
    if (!isDirect) return handle
    const write = handle.write.bind(handle)
    Reflect.set(handle, 'write', async (bytes: Buffer, offset: number, length: number, position: number) => {
      if (refusing === 'write') throw refusal()
      const result = await write(bytes, offset, length, position)
      watched.direct += result.bytesWritten
      return result
    })
    return handle
  })
  syncBuiltinESMExports()
  return watched
}

const SIZES = [10, 4096, 65_536, 1_048_576, 1_050_000]

/** Writes pieces, all at once, from memory that may go past the page cache, then a table from any memory. */
const write = async (path: string, isLarge: boolean): Promise<Buffer> => {
  using lease = new BufferPool().lease()
  const file = await BlobFile.create(path, isLarge)
  const pieces = SIZES.toReversed().map((size) => {
    const piece = lease.take('large').subarray(0, size)
    piece.set(randomBytes(piece.length))
    return piece
  })
  const all = [...pieces, randomBytes(1000)]
  let end = 0
  await Promise.all(
    all.map(async (piece) => {
      const position = end
      end += piece.length
      await file.write(piece, position)
    }),
  )
  await file.sync()
  await file.close()
  return Buffer.concat(all)
}

test('whole blocks of a large file go past the page cache, the rest does not', async () => {
  await using watched = await watch()
  const written = await write(watched.path, true)
  assert.ok((await readFile(watched.path)).equals(written))
  // The first piece; those after it begin at no block.
  assert.equal(watched.direct, 1_050_000 - (1_050_000 % 4096))
})

test('a small file is written in the ordinary way', async () => {
  await using watched = await watch()
  const written = await write(watched.path, false)
  assert.ok((await readFile(watched.path)).equals(written))
  assert.equal(watched.direct, 0)
})

for (const refusing of ['open', 'write'] as const) {
  test(`a file system that can't go past the page cache, and says so at the ${refusing}, has the same bytes`, async () => {
    await using watched = await watch(refusing)
    const written = await write(watched.path, true)
    assert.ok((await readFile(watched.path)).equals(written))
  })
}
