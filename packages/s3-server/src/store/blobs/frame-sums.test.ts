import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { BufferPool } from '../../memory/buffer-pool.ts'
import { FRAME_BYTES } from './blob-cipher.ts'
import { makeBlobId } from './blob-id.ts'
import { FrameSummers, FrameSums } from './frame-sums.ts'
import type { SumKind } from './frame-sums.ts'

const summers = new FrameSummers(new BufferPool())
const id = makeBlobId(0)
const KINDS: readonly SumKind[] = ['xxh3', 'xxh64', 'crc32']

/** Lengths at which the ways of computing meet, and whole frames with something after them. */
const LENGTHS = [
  1,
  3,
  16,
  32,
  240,
  241,
  256,
  1024,
  1025,
  FRAME_BYTES - 1,
  FRAME_BYTES,
  FRAME_BYTES + 1,
  2 * FRAME_BYTES + 241,
]

for (const kind of KINDS) {
  test(`${kind}: one bit, anywhere, is noticed`, () => {
    const sums = new FrameSums(kind, id, summers)
    for (const length of LENGTHS) {
      const bytes = randomBytes(length)
      const table = Buffer.alloc(Math.ceil(length / FRAME_BYTES) * sums.bytes)
      sums.write(7, bytes, table, 0)
      assert.ok(sums.match(7, bytes, table, 0), `${length} bytes`)
      const places =
        length <= 256 ? Array.from({ length }, (_, at) => at) : [0, 63, 64, length - 65, length - 64, length - 1]
      for (const at of places) {
        for (const bit of [1, 128]) {
          bytes[at] = (bytes[at] ?? 0) ^ bit
          assert.ok(!sums.match(7, bytes, table, 0), `byte ${at} of ${length}`)
          bytes[at] = (bytes[at] ?? 0) ^ bit
        }
      }
    }
  })

  test(`${kind}: right bytes in another place or of another blob are noticed`, () => {
    const sums = new FrameSums(kind, id, summers)
    const other = new FrameSums(kind, makeBlobId(0), summers)
    for (const length of [1, 240, 241, FRAME_BYTES]) {
      const bytes = Buffer.alloc(length)
      const table = Buffer.alloc(sums.bytes)
      sums.write(1, bytes, table, 0)
      assert.ok(!sums.match(2, bytes, table, 0), `${length} bytes in another place`)
      assert.ok(!other.match(1, bytes, table, 0), `${length} bytes of another blob`)
    }
  })

  test(`${kind}: frames together have the sums that they have one by one`, () => {
    const sums = new FrameSums(kind, id, summers)
    const bytes = randomBytes(3 * FRAME_BYTES + 100)
    const together = Buffer.alloc(4 * sums.bytes)
    sums.write(9, bytes, together, 0)
    const single = Buffer.alloc(4 * sums.bytes)
    for (let at = 0; at < 4; at++) {
      sums.write(9 + at, bytes.subarray(at * FRAME_BYTES, (at + 1) * FRAME_BYTES), single, at * sums.bytes)
    }
    assert.deepEqual(together, single)
  })
}
