import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setImmediate as nextTurnOfLoop } from 'node:timers/promises'
import { FRAME_BYTES } from './blob-cipher.ts'
import { makeBlobId } from './blob-id.ts'
import { sumTable } from '../../../test/sum-table.ts'
import { FrameSums } from './frame-sums.ts'
import { BufferPool } from '../../memory/buffer-pool.ts'
import { Turns } from '../../memory/turns.ts'
import { readStored } from './read-stored.ts'
import type { PieceStream } from './read-stored.ts'

let directory = ''
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skycrate-read-stored-'))
})
after(() => rm(directory, { recursive: true, force: true }))

const id = makeBlobId(0)

const pool = new BufferPool()
const reading = { pool, turns: new Turns(2) }
const sums = new FrameSums(id)

const write = async (name: string, bytes: Buffer, isSummed: boolean): Promise<string> => {
  const path = join(directory, name)
  await writeFile(path, isSummed ? Buffer.concat([bytes, sumTable(bytes, sums)]) : bytes)
  return path
}

const SIZES = [
  1,
  1000,
  FRAME_BYTES - 1,
  FRAME_BYTES,
  FRAME_BYTES + 240,
  FRAME_BYTES + 241,
  8 * FRAME_BYTES,
  8 * FRAME_BYTES + 1,
  3_000_000,
]

for (const isSummed of [true, false]) {
  test(`any range comes as it was written, ${isSummed ? 'with' : 'without'} sums`, async () => {
    const by = isSummed ? sums : undefined
    for (const size of SIZES) {
      const bytes = randomBytes(size)
      const path = await write('ranges', bytes, isSummed)
      const middle = Math.floor(size / 2)
      const edge = Math.min(size, FRAME_BYTES)
      const ranges = [
        [0, size],
        [0, 1],
        [size - 1, size],
        [middle, size],
        [0, middle],
        [middle, middle],
        [edge - 1, edge],
        [Math.floor(middle / 2), middle + 1],
      ] as const
      for (const [start, end] of ranges) {
        const pieces: Buffer[] = []
        for await (const piece of readStored(() => open(path), { id, size, isSummed }, start, end, by, reading)) {
          pieces.push(Buffer.from(piece))
        }
        assert.ok(Buffer.concat(pieces).equals(bytes.subarray(start, end)), `${start} to ${end} of ${size}`)
      }
    }
  })
}

test('a changed frame is found before any byte of its piece is given', async () => {
  const size = 20 * FRAME_BYTES
  const bytes = randomBytes(size)
  const flipped = 17 * FRAME_BYTES + 5
  const path = await write('changed', bytes, true)
  {
    await using file = await open(path, 'r+')
    await file.write(Buffer.from([(bytes[flipped] ?? 0) ^ 1]), 0, 1, flipped)
  }
  let given = 0
  await assert.rejects(
    async () => {
      const stored = { id, size, isSummed: true }
      for await (const piece of readStored(() => open(path), stored, 0, size, sums, reading)) given += piece.length
    },
    { name: 'BlobDamageError', damage: 'changed' },
  )
  assert.equal(given, 16 * FRAME_BYTES)
})

test('a cut file is found, and a reader that stops early leaves no read under way and no file open', async () => {
  const size = 40 * FRAME_BYTES
  const path = await write('cut', randomBytes(size), true)
  await truncate(path, 20 * FRAME_BYTES)
  const stored = { id, size, isSummed: false }
  let opened: FileHandle | undefined
  const openIt = async (): Promise<FileHandle> => (opened = await open(path))
  await assert.rejects(
    async () => {
      for await (const _piece of readStored(openIt, stored, 0, size, undefined, reading));
    },
    { name: 'BlobDamageError', damage: 'cut' },
  )
  assert.equal(opened?.fd, -1)
  opened = undefined
  for await (const _piece of readStored(openIt, stored, 0, size, undefined, reading)) break
  assert.equal((opened as FileHandle | undefined)?.fd, -1)
})

test('large pieces are read in turns, and readers that are slow, leave or fail hold none for long', async () => {
  const size = 40 * FRAME_BYTES
  const path = await write('turns', randomBytes(size), true)
  const turns = new Turns(2)
  const start = (by = sums): PieceStream =>
    readStored(() => open(path), { id, size, isSummed: true }, 0, size, by, { pool, turns })
  /** Waits until no turn is taken. */
  const allFree = async (): Promise<void> => {
    for (let round = 0; round < 1000; round++) {
      await nextTurnOfLoop()
      if (!turns.isFree) continue
      using _first = await turns.take()
      if (turns.isFree) return
    }
    assert.fail('a turn never ended')
  }
  // They read ahead while turns are free.
  const slow = [start(), start(), start()]
  for (const stream of slow) assert.equal((await stream.next()).done, false)
  await allFree()
  const leaving = start()
  assert.equal((await leaving.next()).done, false)
  await leaving.return()
  await assert.rejects(start(new FrameSums(makeBlobId(1))).next(), { name: 'BlobDamageError' })
  await allFree()
  const rests = await Promise.all(
    [...slow, start()].map(async (stream) => {
      let bytes = 0
      for await (const piece of stream) bytes += piece.length
      return bytes
    }),
  )
  assert.equal(rests.pop(), size)
  assert.ok(rests.every((bytes) => bytes > 0 && bytes < size))
  await allFree()
})
