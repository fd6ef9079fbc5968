import type { FileHandle } from 'node:fs/promises'
import { FRAME_BYTES } from './blob-cipher.ts'
import { BlobDamageError } from './blob-damage-error.ts'
import type { BlobId } from './blob-id.ts'
import { sumOfFrame, SUM_BYTES } from './frame-sums.ts'
import type { ReadBuffers } from './read-buffers.ts'

/** What lies in a blob's file. */
export interface StoredBytes {
  readonly id: BlobId
  /** Bytes before the checksums. */
  readonly size: number
  readonly isSummed: boolean
}

/** Frames read at once. */
const PIECE_FRAMES = 8
/** Bytes read at once at most: the frames, and the checksums of a blob that has no more than them. */
export const PIECE_BYTES = PIECE_FRAMES * (FRAME_BYTES + SUM_BYTES)
/** Checksums read at once: those of a GiB. */
const READ_SUMS = 16_384

/** Bytes of the file. */
export const fileBytes = ({ size, isSummed }: StoredBytes): number =>
  isSummed ? size + Math.ceil(size / FRAME_BYTES) * SUM_BYTES : size

/**
 * Bytes `start` to `end` (exclusive) as they lie in the file, verified when they are summed. The next piece is read while
 * the last one is in use.
 *
 * @param buffers where given, a piece is good only until the next is asked for: its memory is then used again
 * @throws BlobDamageError cut or changed
 */
export async function* readStored(
  handle: FileHandle,
  stored: StoredBytes,
  start: number,
  end: number,
  buffers: ReadBuffers | undefined,
): AsyncGenerator<Buffer, void, undefined> {
  if (start >= end) return
  const { id, size, isSummed } = stored
  const frames = Math.ceil(size / FRAME_BYTES)
  const stop = Math.ceil(end / FRAME_BYTES)
  const isOnePiece = frames <= PIECE_FRAMES && stop === frames
  let sums: Buffer = Buffer.alloc(0)
  let sumsFrom = 0
  let sumsTo = 0

  const readPiece = (frame: number): Promise<Buffer> => {
    const from = frame * FRAME_BYTES
    // A small blob and its checksums in one read.
    const to = isOnePiece ? fileBytes(stored) : Math.min((frame + PIECE_FRAMES) * FRAME_BYTES, stop * FRAME_BYTES, size)
    const memory =
      to - from < FRAME_BYTES ? Buffer.allocUnsafe(to - from) : (buffers?.take() ?? Buffer.allocUnsafe(to - from))
    return readExactly(handle, id, from, memory.subarray(0, to - from))
  }

  const give = (piece: Buffer): void => {
    if (piece.length >= FRAME_BYTES) buffers?.give(Buffer.from(piece.buffer))
  }

  let frame = Math.floor(start / FRAME_BYTES)
  let ahead: Promise<Buffer> | undefined = readPiece(frame)
  try {
    while (ahead !== undefined) {
      const read: Buffer = await ahead
      const next: number = frame + PIECE_FRAMES
      ahead = next < stop ? readPiece(next) : undefined
      // Awaited when it is its turn; this only keeps an early failure from counting as unhandled.
      ahead?.catch(() => undefined)
      const from = frame * FRAME_BYTES
      const bytes = read.subarray(0, Math.min(read.length, size - from))
      const last = Math.min(next, stop)
      if (isSummed && last > sumsTo) {
        sumsFrom = isOnePiece ? 0 : frame
        sumsTo = Math.min(frame + READ_SUMS, stop)
        sums = isOnePiece
          ? read.subarray(bytes.length)
          : await readExactly(handle, id, size + frame * SUM_BYTES, Buffer.allocUnsafe((sumsTo - frame) * SUM_BYTES))
      }
      for (let at = frame; isSummed && at < last; at++) {
        const piece = bytes.subarray((at - frame) * FRAME_BYTES, (at - frame + 1) * FRAME_BYTES)
        if (sumOfFrame(id, at, piece) !== sums.readUInt32LE((at - sumsFrom) * SUM_BYTES)) {
          throw new BlobDamageError(id, 'changed')
        }
      }
      yield bytes.subarray(Math.max(0, start - from), Math.min(bytes.length, end - from))
      give(read)
      frame = next
    }
  } finally {
    // The file is closed after this, and must not be closed under a read.
    await ahead?.then(give, () => undefined)
  }
}

const readExactly = async (handle: FileHandle, id: BlobId, position: number, memory: Buffer): Promise<Buffer> => {
  let filled = 0
  while (filled < memory.length) {
    const { bytesRead } = await handle
      .read(memory, filled, memory.length - filled, position + filled)
      .catch((error: unknown) => {
        // The disk itself noticed.
        throw (error as NodeJS.ErrnoException).code === 'EIO' ? new BlobDamageError(id, 'changed', error) : error
      })
    if (bytesRead === 0) throw new BlobDamageError(id, 'cut')
    filled += bytesRead
  }
  return memory
}
