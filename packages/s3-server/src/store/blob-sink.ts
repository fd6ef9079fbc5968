import type { FileHandle } from 'node:fs/promises'
import { FRAME_BYTES, sealFrame } from './blob-cipher.ts'
import type { BlobId } from './blob-id.ts'
import { FrameSummer } from './frame-sums.ts'

/** Bytes gathered before one write to the file. */
const WRITE_BYTES = 262_144

/**
 * Takes the bytes of one blob, encrypts them when it has a key, sums what will lie in the file when it is to, and writes
 * it in large pieces. At most one write is under way while the next piece fills, so memory stays bounded and hashing
 * overlaps with the disk.
 */
export class BlobSink {
  readonly #handle: FileHandle
  readonly #key: Buffer | undefined
  readonly #summer: FrameSummer | undefined
  #pieces: Buffer[] = []
  #pending = 0
  #frame = 0
  #plain: Buffer[] = []
  #plainBytes = 0
  #writing: Promise<void> = Promise.resolve()
  size = 0

  constructor(handle: FileHandle, id: BlobId, key: Buffer | undefined, isSummed: boolean) {
    this.#handle = handle
    this.#key = key
    this.#summer = isSummed ? new FrameSummer(id) : undefined
  }

  /** Resolves when more may be pushed. */
  async push(chunk: Buffer): Promise<void> {
    this.size += chunk.length
    if (this.#key === undefined) this.#stage(chunk)
    else this.#encrypt(chunk, this.#key)
    if (this.#pending >= WRITE_BYTES) await this.#flush()
  }

  /** Resolves when every byte was handed to the operating system (not yet synced). */
  async end(): Promise<void> {
    if (this.#key !== undefined && this.#plainBytes > 0) this.#seal(Buffer.concat(this.#plain), this.#key)
    const sums = this.#summer?.end()
    if (sums !== undefined && sums.length > 0) this.#append(sums)
    await this.#flush()
    await this.#writing
  }

  /** Waits for a write under way, whatever became of it, so that the file can be closed. */
  async abandon(): Promise<void> {
    await this.#writing.catch(() => undefined)
  }

  #stage(piece: Buffer): void {
    this.#summer?.update(piece)
    this.#append(piece)
  }

  #append(piece: Buffer): void {
    this.#pieces.push(piece)
    this.#pending += piece.length
  }

  #encrypt(chunk: Buffer, key: Buffer): void {
    let rest = chunk
    while (this.#plainBytes + rest.length >= FRAME_BYTES) {
      const missing = FRAME_BYTES - this.#plainBytes
      this.#plain.push(rest.subarray(0, missing))
      this.#seal(this.#plain.length === 1 ? this.#plain[0]! : Buffer.concat(this.#plain), key)
      rest = rest.subarray(missing)
    }
    if (rest.length > 0) {
      this.#plain.push(rest)
      this.#plainBytes += rest.length
    }
  }

  #seal(plain: Buffer, key: Buffer): void {
    this.#stage(sealFrame(key, this.#frame, plain))
    this.#frame += 1
    this.#plain = []
    this.#plainBytes = 0
  }

  async #flush(): Promise<void> {
    await this.#writing
    if (this.#pending === 0) return
    const pieces = this.#pieces
    const expected = this.#pending
    this.#pieces = []
    this.#pending = 0
    this.#writing = this.#handle.writev(pieces).then(({ bytesWritten }) => {
      if (bytesWritten !== expected) {
        throw Object.assign(new Error('The disk took only part of a write.'), { code: 'ENOSPC' })
      }
    })
    // Awaited by the next flush or by end(); this only keeps an early failure from counting as unhandled.
    this.#writing.catch(() => undefined)
  }
}
