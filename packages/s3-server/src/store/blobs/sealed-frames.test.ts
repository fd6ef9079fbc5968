import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { FRAME_BYTES, sealFrame } from './blob-cipher.ts'
import { BlobDamageError } from './blob-damage-error.ts'
import { makeBlobId } from './blob-id.ts'
import { openFrames, sealedRange, sealedSize } from './sealed-frames.ts'

const id = makeBlobId(1)

const seal = (key: Buffer, plain: Buffer): Buffer =>
  Buffer.concat(
    Array.from({ length: Math.ceil(plain.length / FRAME_BYTES) }, (_, frame) =>
      sealFrame(key, frame, plain.subarray(frame * FRAME_BYTES, (frame + 1) * FRAME_BYTES)),
    ).flat(),
  )

async function* cut(bytes: Buffer, length: number): AsyncGenerator<Buffer, void, undefined> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}

test('any range comes out right, however the sealed bytes are cut', async () => {
  const key = randomBytes(32)
  for (const size of [1, FRAME_BYTES - 1, FRAME_BYTES, FRAME_BYTES + 1, 3 * FRAME_BYTES + 17]) {
    const plain = randomBytes(size)
    const sealed = seal(key, plain)
    assert.equal(sealed.length, sealedSize(size))
    for (const length of [1000, FRAME_BYTES, FRAME_BYTES + 16, 4 * FRAME_BYTES]) {
      for (const [start, end] of [
        [0, size],
        [0, 1],
        [size - 1, size],
        [Math.min(FRAME_BYTES - 5, size - 1), Math.min(FRAME_BYTES + 5, size)],
        [Math.min(FRAME_BYTES, size - 1), size],
      ] as const) {
        const range = sealedRange(size, start, end)
        const pieces: Buffer[] = []
        const source = cut(sealed.subarray(range.start, range.end), length)
        for await (const piece of openFrames(source, key, { id, size }, start, end)) pieces.push(piece)
        assert.ok(
          Buffer.concat(pieces).equals(plain.subarray(start, end)),
          `${start} to ${end} of ${size} by ${length}`,
        )
      }
    }
  }
})

test('frames that were changed, moved or are of another key do not open', async () => {
  const key = randomBytes(32)
  const size = 2 * FRAME_BYTES
  const sealed = seal(key, randomBytes(size))
  const changed = Buffer.from(sealed)
  changed[FRAME_BYTES + 100] = (changed[FRAME_BYTES + 100] ?? 0) ^ 1
  const half = sealed.length / 2
  const moved = Buffer.concat([sealed.subarray(half), sealed.subarray(0, half)])
  for (const [bytes, by] of [
    [changed, key],
    [moved, key],
    [sealed, randomBytes(32)],
  ] as const) {
    const read = async (): Promise<void> => {
      for await (const piece of openFrames(cut(bytes, 50_000), by, { id, size }, 0, size)) assert.ok(piece.length > 0)
    }
    await assert.rejects(read(), BlobDamageError)
  }
})
