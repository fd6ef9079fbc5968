import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { FRAME_BYTES } from './blob-cipher.ts'
import { makeBlobId } from './blob-id.ts'
import { FrameSums, SUM_BYTES } from './frame-sums.ts'

const id = makeBlobId(0)
const sums = new FrameSums(id)

test('one bit, anywhere, is noticed', () => {
  for (const length of [1, 3, 32, 33, 1025, FRAME_BYTES - 1, FRAME_BYTES, FRAME_BYTES + 1, 2 * FRAME_BYTES + 241]) {
    const bytes = randomBytes(length)
    const table = Buffer.alloc(Math.ceil(length / FRAME_BYTES) * SUM_BYTES)
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

test('right bytes in another place or of another blob are noticed', () => {
  const other = new FrameSums(makeBlobId(0))
  for (const length of [1, FRAME_BYTES]) {
    const bytes = Buffer.alloc(length)
    const table = Buffer.alloc(SUM_BYTES)
    sums.write(1, bytes, table, 0)
    assert.ok(!sums.match(2, bytes, table, 0), `${length} bytes in another place`)
    assert.ok(!other.match(1, bytes, table, 0), `${length} bytes of another blob`)
  }
})

test('frames together have the sums that they have one by one', () => {
  const bytes = randomBytes(3 * FRAME_BYTES + 100)
  const together = Buffer.alloc(4 * SUM_BYTES)
  sums.write(9, bytes, together, 0)
  const single = Buffer.alloc(4 * SUM_BYTES)
  for (let at = 0; at < 4; at++) {
    sums.write(9 + at, bytes.subarray(at * FRAME_BYTES, (at + 1) * FRAME_BYTES), single, at * SUM_BYTES)
  }
  assert.deepEqual(together, single)
})
