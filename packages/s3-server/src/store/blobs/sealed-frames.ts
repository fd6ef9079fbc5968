import { FRAME_BYTES, openFrame, SEALED_FRAME_BYTES, TAG_BYTES } from './blob-cipher.ts'
import { BlobDamageError } from './blob-damage-error.ts'
import type { BlobId } from './blob-id.ts'

/** Bytes that the frames of an encrypted blob take. */
export const sealedSize = (size: number): number => size + Math.ceil(size / FRAME_BYTES) * TAG_BYTES

/** Where the frames that hold plain bytes `start` to `end` lie among the sealed ones. */
export const sealedRange = (
  size: number,
  start: number,
  end: number,
): { readonly start: number; readonly end: number } => ({
  start: Math.floor(start / FRAME_BYTES) * SEALED_FRAME_BYTES,
  end: Math.min(Math.ceil(end / FRAME_BYTES) * SEALED_FRAME_BYTES, sealedSize(size)),
})

/**
 * Opens the frames that hold plain bytes `start` to `end` (exclusive).
 *
 * @param sealed the bytes of `sealedRange`, cut anyhow; a piece need be good only until the next is asked for
 * @throws BlobDamageError for a frame that was changed
 */
export async function* openFrames(
  sealed: AsyncIterable<Buffer>,
  key: Buffer,
  { id, size }: { readonly id: BlobId; readonly size: number },
  start: number,
  end: number,
): AsyncGenerator<Buffer, void, undefined> {
  let frame = Math.floor(start / FRAME_BYTES)
  let pending: Buffer[] = []
  let bytes = 0
  for await (const piece of sealed) {
    let rest = piece
    for (;;) {
      const missing = Math.min(SEALED_FRAME_BYTES, sealedSize(size) - frame * SEALED_FRAME_BYTES) - bytes
      if (missing <= 0) break
      if (rest.length < missing) {
        if (rest.length > 0) pending.push(Buffer.from(rest))
        bytes += rest.length
        break
      }
      const last = rest.subarray(0, missing)
      const whole = pending.length === 0 ? last : Buffer.concat([...pending, last])
      rest = rest.subarray(missing)
      pending = []
      bytes = 0
      let plain: Buffer
      try {
        plain = openFrame(key, frame, whole)
      } catch (error) {
        throw new BlobDamageError(id, 'changed', error)
      }
      const offset = frame * FRAME_BYTES
      frame += 1
      yield plain.subarray(Math.max(0, start - offset), Math.min(plain.length, end - offset))
    }
  }
}
