import type { FileHandle } from 'node:fs/promises'
import { freeMemory } from '../../free-memory.ts'
import { FRAME_BYTES, sealFrame } from './blob-cipher.ts'
import type { BlobId } from './blob-id.ts'
import { FrameSummer } from './frame-sums.ts'

/** Bytes that go into the index with the rest of a version, instead of a file of their own. */
export const INLINE_BYTES = 16_384

/**
 * Takes the bytes of one blob, encrypts them when it has a key, sums what will lie in the file when it is to, and writes
 * it. At most one write is under way while the next piece fills, so memory stays bounded and hashing overlaps with the
 * disk.
 */
export class BlobSink {
  readonly #open: () => Promise<FileHandle>
  #handle: FileHandle | undefined
  readonly #key: Buffer | undefined
  readonly #summer: FrameSummer | undefined
  #frame = 0
  #writing: Promise<void> = Promise.resolve()
  size = 0

  /** @param openFile makes the file, when there are too many bytes for the index */
  constructor(openFile: () => Promise<FileHandle>, id: BlobId, key: Buffer | undefined, isSummed: boolean) {
    this.#open = openFile
    this.#key = key
    this.#summer = isSummed ? new FrameSummer(id) : undefined
  }

  /**
   * Resolves when the next piece may come.
   *
   * @param piece whole frames
   * @param done called when the piece's memory is free again; not when this or a later step fails
   */
  async push(piece: Buffer, done: () => void): Promise<void> {
    const stored = this.#store(piece)
    await this.#write(stored, () => {
      done()
      if (this.#key !== undefined) for (const each of stored) freeMemory(each)
    })
  }

  /**
   * Takes the last bytes. Gives the file, when every byte was handed to the operating system (not
   * yet synced); or the bytes themselves, as they would lie in a file, when they are few enough for the index.
   */
  async end(piece: Buffer): Promise<FileHandle | Buffer> {
    const stored = piece.length > 0 ? this.#store(piece) : []
    const sums = this.#summer?.end()
    if (sums !== undefined && sums.length > 0) stored.push(sums)
    if (this.#handle === undefined && bytesOf(stored) <= INLINE_BYTES) {
      return Buffer.concat(stored)
    }
    await this.#write(stored, () => undefined)
    await this.#writing
    return this.#file()
  }

  /** Waits for a write under way. */
  async drain(): Promise<void> {
    await this.#writing
  }

  /** Waits for a write under way, whatever became of it, and closes the file if there is one. */
  async abandon(): Promise<void> {
    await this.#writing.catch(() => undefined)
    await this.#handle?.close().catch(() => undefined)
  }

  async #file(): Promise<FileHandle> {
    this.#handle ??= await this.#open()
    return this.#handle
  }

  /** What will lie in the file for a piece. */
  #store(piece: Buffer): Buffer[] {
    this.size += piece.length
    const stored: Buffer[] = []
    if (this.#key === undefined) stored.push(piece)
    else {
      for (let at = 0; at < piece.length; at += FRAME_BYTES) {
        stored.push(sealFrame(this.#key, this.#frame, piece.subarray(at, at + FRAME_BYTES)))
        this.#frame += 1
      }
    }
    for (const each of stored) this.#summer?.update(each)
    return stored
  }

  /** Begins to write once the write before it is over. */
  async #write(pieces: readonly Buffer[], done: () => void): Promise<void> {
    await this.#writing
    if (pieces.length === 0) return
    const handle = await this.#file()
    this.#writing = writeWhole(handle, pieces, done)
    // Awaited by the next write or by end(); this only keeps an early failure from counting as unhandled.
    this.#writing.catch(() => undefined)
  }
}

const bytesOf = (pieces: readonly Buffer[]): number => pieces.reduce((bytes, piece) => bytes + piece.length, 0)

const writeWhole = async (handle: FileHandle, pieces: readonly Buffer[], done: () => void): Promise<void> => {
  const { bytesWritten } = await handle.writev(pieces)
  if (bytesWritten !== bytesOf(pieces)) {
    throw Object.assign(new Error('The disk took only part of a write.'), { code: 'ENOSPC' })
  }
  done()
}
