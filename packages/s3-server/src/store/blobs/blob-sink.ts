import type { BufferLease, BufferPool } from '../../memory/buffer-pool.ts'
import { freeMemory } from '../../memory/free-memory.ts'
import { PieceGatherer } from '../../memory/piece-gatherer.ts'
import { FRAME_BYTES, sealFrame } from './blob-cipher.ts'
import type { BlobFile } from './blob-file.ts'
import { FrameSummer } from './frame-sums.ts'
import type { FrameSums } from './frame-sums.ts'

/** Bytes that go into the index with the rest of a version, instead of a file of their own. */
export const INLINE_BYTES = 16_384

export interface BlobSinkOptions {
  /** Encrypts; undefined: not at all. */
  readonly key: Buffer | undefined
  readonly sums: FrameSums | undefined
  /** Makes the file, when there are too many bytes for the index. */
  readonly createFile: () => Promise<BlobFile>
  readonly pool: BufferPool
  readonly lease: BufferLease
}

/** Takes the bytes of one blob, encrypts them when it has a key, sums what will lie in the file when it is to, and writes it. */
export class BlobSink {
  readonly #options: BlobSinkOptions
  readonly #summer: FrameSummer | undefined
  #file: Promise<BlobFile> | undefined
  /** Bytes that were handed to the file. */
  #written = 0
  /** Frames that were sealed. */
  #frame = 0
  /** Of sealed frames, which fill no whole blocks of a disk. */
  #sealed: PieceGatherer | undefined
  #sealing: Promise<void> = Promise.resolve()
  size = 0

  constructor(options: BlobSinkOptions) {
    this.#options = options
    this.#summer = options.sums === undefined ? undefined : new FrameSummer(options.sums)
  }

  /**
   * Resolves when the piece was written and its memory is free. The next one may come before.
   *
   * @param piece whole frames
   */
  async push(piece: Buffer): Promise<void> {
    this.size += piece.length
    const { key } = this.#options
    if (key === undefined) {
      await this.#append(piece)
      return
    }
    this.#sealing = this.#sealing.then(() => this.#seal(key, piece))
    await this.#sealing
  }

  /**
   * Takes the last bytes, when all pieces are written. Gives the file, when every byte was handed to the operating system
   * (not yet synced); or the bytes themselves, as they would lie in a file, when they are few enough for the index.
   */
  async end(last: Buffer): Promise<BlobFile | Buffer> {
    const { key } = this.#options
    const isFirst = this.size === 0
    this.size += last.length
    if (isFirst && last.length <= INLINE_BYTES) {
      // One frame at most.
      const stored = key === undefined || last.length === 0 ? last : Buffer.concat(sealFrame(key, 0, last))
      this.#summer?.update(stored)
      const whole = Buffer.concat([stored, this.#summer?.table ?? Buffer.alloc(0)])
      if (whole.length <= INLINE_BYTES) return whole
      await this.#write(whole)
      return await this.#open()
    }
    if (key !== undefined) await this.#seal(key, last)
    const rest = key === undefined ? last : ((await this.#sealed?.end()) ?? Buffer.alloc(0))
    await Promise.all([this.#append(rest), this.#write(this.#summer?.table ?? Buffer.alloc(0))])
    return await this.#open()
  }

  /** Waits for writes under way, whatever became of them, and closes the file if there is one. */
  async abandon(): Promise<void> {
    await this.#sealing.catch(() => undefined)
    await this.#sealed?.settle()
    await this.#file?.then((file) => file.close()).catch(() => undefined)
  }

  async #seal(key: Buffer, plain: Buffer): Promise<void> {
    const { pool, lease } = this.#options
    this.#sealed ??= new PieceGatherer({ pool, lease, first: lease.take('large'), use: (piece) => this.#append(piece) })
    for (let at = 0; at < plain.length; at += FRAME_BYTES) {
      for (const part of sealFrame(key, this.#frame, plain.subarray(at, at + FRAME_BYTES))) {
        await this.#sealed.push(part)
        freeMemory(part)
      }
      this.#frame += 1
    }
  }

  /** Sums and writes bytes as they will lie in the file: whole frames, but for the last. */
  async #append(stored: Buffer): Promise<void> {
    this.#summer?.update(stored)
    await this.#write(stored)
  }

  async #write(bytes: Buffer): Promise<void> {
    const position = this.#written
    this.#written += bytes.length
    if (bytes.length > 0) await (await this.#open()).write(bytes, position)
  }

  #open(): Promise<BlobFile> {
    this.#file ??= this.#options.createFile()
    return this.#file
  }
}
