import type { FileHandle } from 'node:fs/promises'
import { FRAME_BYTES } from './blob-cipher.ts'
import { BlobDamageError } from './blob-damage-error.ts'
import type { BlobId } from './blob-id.ts'
import { SMALL_BYTES } from '../../memory/buffer-pool.ts'
import type { BufferPool } from '../../memory/buffer-pool.ts'
import type { Turns } from '../../memory/turns.ts'
import { SUM_BYTES } from './frame-sums.ts'
import type { FrameSums } from './frame-sums.ts'

/** What lies in a blob's file. */
export interface StoredBytes {
  readonly id: BlobId
  /** Bytes before the checksums. */
  readonly size: number
  /** Whether checksums of its frames follow. */
  readonly isSummed: boolean
}

/** Pieces of a blob; each is good only until the next is asked for. */
export type PieceStream = AsyncGenerator<Buffer, void, undefined>

interface Piece {
  /** The first frame after it. */
  readonly next: number
  readonly bytes: Buffer
  /** Of a large one. It ends when the piece was handed on, or soon after it was read. */
  readonly turn: Disposable | undefined
}

/** What streams share. */
export interface ReadMemory {
  readonly pool: BufferPool
  /** For the large pieces, which only push each other out of the caches when many are read and handed on at once. */
  readonly turns: Turns
}

/** Frames of a small buffer, which has room for their checksums too. */
const SMALL_FRAMES = Math.floor(SMALL_BYTES / FRAME_BYTES)
/** Checksums read at once: those of 512 MiB. */
const READ_SUMS = 8192

/** Bytes of the file. */
export const fileBytes = ({ size, isSummed }: StoredBytes): number =>
  isSummed ? size + Math.ceil(size / FRAME_BYTES) * SUM_BYTES : size

/**
 * Bytes `start` to `end` (exclusive) as they lie in the file. The next piece is read while one is used, unless others
 * wait for their turn.
 *
 * @param open what opens the file, when the first piece is asked for
 * @param sums to verify by; undefined: not at all
 * @throws BlobDamageError cut or changed
 */
export async function* readStored(
  open: () => Promise<FileHandle>,
  stored: StoredBytes,
  start: number,
  end: number,
  sums: FrameSums | undefined,
  { pool, turns }: ReadMemory,
): PieceStream {
  if (start >= end) return
  const { id, size } = stored
  const frames = Math.ceil(size / FRAME_BYTES)
  const stop = Math.ceil(end / FRAME_BYTES)
  const isOnePiece = frames <= SMALL_FRAMES && stop === frames
  await using handle = await open()
  using lease = pool.lease()
  let table: Buffer = Buffer.alloc(0)
  let tableFrom = 0
  let tableTo = 0

  const readPiece = async (frame: number): Promise<Piece> => {
    const from = frame * FRAME_BYTES
    const rest = Math.min(stop * FRAME_BYTES, size) - from
    const isLarge = rest > SMALL_FRAMES * FRAME_BYTES
    const turn = isLarge ? await turns.take() : undefined
    try {
      const memory = lease.take(isLarge ? 'large' : 'small')
      const next = Math.min(frame + Math.floor(memory.length / FRAME_BYTES), stop)
      // A small blob and its checksums in one read.
      const bytes = isOnePiece ? fileBytes(stored) - from : Math.min((next - frame) * FRAME_BYTES, rest)
      return { next, bytes: await readExactly(handle, id, from, memory.subarray(0, bytes)), turn }
    } finally {
      // Time enough to hand it on. It may also have been read ahead, for a client that is slow.
      if (turn !== undefined) setImmediate(endTurn, turn)
    }
  }

  let frame = Math.floor(start / FRAME_BYTES)
  let reading: Promise<Piece> | undefined
  try {
    while (frame < stop) {
      const piece: Piece = await (reading ?? readPiece(frame))
      const { next } = piece
      reading = next < stop && turns.isFree ? readPiece(next) : undefined
      // Awaited when it is its turn; this only keeps an early failure from counting as unhandled.
      reading?.catch(() => undefined)
      const from = frame * FRAME_BYTES
      const bytes = piece.bytes.subarray(0, size - from)
      if (sums !== undefined && next > tableTo) {
        tableFrom = isOnePiece ? 0 : frame
        tableTo = Math.min(frame + READ_SUMS, stop)
        table = isOnePiece
          ? piece.bytes.subarray(bytes.length)
          : await readExactly(handle, id, size + frame * SUM_BYTES, Buffer.allocUnsafe((tableTo - frame) * SUM_BYTES))
      }
      if (sums?.match(frame, bytes, table, (frame - tableFrom) * SUM_BYTES) === false) {
        throw new BlobDamageError(id, 'changed')
      }
      yield bytes.subarray(Math.max(0, start - from), Math.min(bytes.length, end - from))
      piece.turn?.[Symbol.dispose]()
      lease.give(piece.bytes)
      frame = next
    }
  } finally {
    // The file is closed after this, and must not be closed under a read.
    await reading?.catch(() => undefined)
  }
}

const endTurn = (turn: Disposable): void => {
  turn[Symbol.dispose]()
}

const readExactly = async (handle: FileHandle, id: BlobId, position: number, memory: Buffer): Promise<Buffer> => {
  let filled = 0
  while (filled < memory.length) {
    let bytesRead: number
    try {
      ;({ bytesRead } = await handle.read(memory, filled, memory.length - filled, position + filled))
    } catch (error) {
      // The disk itself noticed.
      throw (error as NodeJS.ErrnoException).code === 'EIO' ? new BlobDamageError(id, 'changed', error) : error
    }
    if (bytesRead === 0) throw new BlobDamageError(id, 'cut')
    filled += bytesRead
  }
  return memory
}
