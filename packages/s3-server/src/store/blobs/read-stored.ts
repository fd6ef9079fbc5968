import type { FileHandle } from 'node:fs/promises'
import { FRAME_BYTES } from './blob-cipher.ts'
import { BlobDamageError } from './blob-damage-error.ts'
import type { BlobId } from './blob-id.ts'
import { SMALL_BYTES } from '../../memory/buffer-pool.ts'
import type { BufferPool } from '../../memory/buffer-pool.ts'
import type { Turns } from '../../memory/turns.ts'
import { SUM_BYTES } from './frame-sums.ts'
import type { FrameSums, SumKind } from './frame-sums.ts'

/** What lies in a blob's file. */
export interface StoredBytes {
  readonly id: BlobId
  /** Bytes before the checksums. */
  readonly size: number
  /** Of which kind the checksums are that follow; undefined: there are none. */
  readonly sums: SumKind | undefined
}

/** Pieces of a blob; each is good only until the next is asked for. */
export type PieceStream = AsyncGenerator<Buffer, void, undefined>

/** Bytes of a file for who verifies them as they pass. */
export interface FileRange extends StoredBytes {
  /** Its descriptor, open for the time of the call. */
  readonly file: number
  readonly sums: SumKind
  readonly start: number
  /** Exclusive; a multiple of a frame's bytes. */
  readonly end: number
}

/** Takes bytes to where they are wanted without bringing them here. */
export interface Outlet {
  /** Whether that is quicker than reading them here, as things are. */
  isOpen(): boolean
  /** Resolves with how many it took, from the beginning; 0: they are to be read here. */
  take(range: FileRange): Promise<number>
}

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

/** Frames that are offered at once: 4 MiB, so that others have their turn. */
const OFFER_FRAMES = 64
/** An offer of less costs more than it saves. */
const LEAST_OFFER_FRAMES = 16
/** Pieces that are read here, each ahead of its use, after an offer was refused: what is not in memory comes from the disk. */
const PIECES_AFTER_REFUSAL = 8

/** Bytes of the file. */
export const fileBytes = ({ size, sums }: StoredBytes): number =>
  sums === undefined ? size : size + Math.ceil(size / FRAME_BYTES) * SUM_BYTES[sums]

/**
 * Bytes `start` to `end` (exclusive) as they lie in the file. The next piece is read while one is used, unless others
 * wait for their turn.
 *
 * @param open what opens the file, when the first piece is asked for
 * @param sums to verify by; undefined: not at all
 * @param outlet is offered most of a large blob that has checksums while it is open; first and last piece always come from here
 * @throws BlobDamageError cut or changed; what the outlet throws
 */
export async function* readStored(
  open: () => Promise<FileHandle>,
  stored: StoredBytes,
  start: number,
  end: number,
  sums: FrameSums | undefined,
  { pool, turns }: ReadMemory,
  outlet?: Outlet,
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

  /** What can be offered from byte `from` on, if anything. */
  const offerFrom = (from: number): FileRange | undefined => {
    const frame = Math.floor(from / FRAME_BYTES)
    const offered = Math.min(frame + OFFER_FRAMES, stop - SMALL_FRAMES)
    if (stored.sums === undefined || offered - frame < LEAST_OFFER_FRAMES || outlet?.isOpen() !== true) return undefined
    return { ...stored, sums: stored.sums, file: handle.fd, start: from, end: offered * FRAME_BYTES }
  }

  let position = start
  let reading: Promise<Piece> | undefined
  let piecesToRead = 1
  try {
    while (position < end) {
      const range = reading === undefined && piecesToRead === 0 ? offerFrom(position) : undefined
      if (range !== undefined) {
        const taken = (await outlet?.take(range)) ?? 0
        if (taken > 0) {
          position += taken
          continue
        }
        piecesToRead = PIECES_AFTER_REFUSAL
      }
      const frame = Math.floor(position / FRAME_BYTES)
      const piece: Piece = await (reading ?? readPiece(frame))
      const { next } = piece
      piecesToRead = Math.max(0, piecesToRead - 1)
      const isReadHere = piecesToRead > 0 || offerFrom(next * FRAME_BYTES) === undefined
      reading = next < stop && turns.isFree && isReadHere ? readPiece(next) : undefined
      // Awaited when it is its turn; this only keeps an early failure from counting as unhandled.
      reading?.catch(() => undefined)
      const from = frame * FRAME_BYTES
      const bytes = piece.bytes.subarray(0, size - from)
      if (sums !== undefined && next > tableTo) {
        tableFrom = isOnePiece ? 0 : frame
        tableTo = Math.min(frame + READ_SUMS, stop)
        table = isOnePiece
          ? piece.bytes.subarray(bytes.length)
          : await readExactly(handle, id, size + frame * sums.bytes, Buffer.allocUnsafe((tableTo - frame) * sums.bytes))
      }
      if (sums?.match(frame, bytes, table, (frame - tableFrom) * sums.bytes) === false) {
        throw new BlobDamageError(id, 'changed')
      }
      yield bytes.subarray(position - from, Math.min(bytes.length, end - from))
      piece.turn?.[Symbol.dispose]()
      lease.give(piece.bytes)
      position = next * FRAME_BYTES
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
