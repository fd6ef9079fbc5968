import type { FileHandle } from 'node:fs/promises'
import { FRAME_BYTES, sealFrame } from './blob-cipher.ts'
import type { BlobId } from './blob-id.ts'
import { FrameSummer } from './frame-sums.ts'

/** Bytes gathered before one write to the file. */
const WRITE_BYTES = 1_048_576
/** Bytes that go into the index with the rest of a version, instead of a file of their own. */
export const INLINE_BYTES = 16_384

/**
 * Takes the bytes of one blob, encrypts them when it has a key, sums what will lie in the file when it is to, and writes
 * it in large pieces. At most one write is under way while the next piece fills, so memory stays bounded and hashing
 * overlaps with the disk.
 */
export class BlobSink {
  readonly #open: () => Promise<FileHandle>
  #handle: FileHandle | undefined
  readonly #key: Buffer | undefined
  readonly #summer: FrameSummer | undefined
  #pieces: Buffer[] = []
  #pending = 0
  #frame = 0
  #plain: Buffer[] = []
  #plainBytes = 0
  #writing: Promise<void> = Promise.resolve()
  size = 0

  /** @param openFile makes the file, when there are too many bytes for the index */
  constructor(openFile: () => Promise<FileHandle>, id: BlobId, key: Buffer | undefined, isSummed: boolean) {
    this.#open = openFile
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

  /**
   * The file, when every byte was handed to the operating system (not yet synced); or the bytes themselves, as they would
   * lie in a file, when they are few enough for the index.
   */
  async end(): Promise<FileHandle | Buffer> {
    if (this.#key !== undefined && this.#plainBytes > 0) this.#seal(Buffer.concat(this.#plain), this.#key)
    const sums = this.#summer?.end()
    if (sums !== undefined && sums.length > 0) this.#append(sums)
    if (this.#handle === undefined && this.#pending <= INLINE_BYTES) return Buffer.concat(this.#pieces)
    await this.#flush()
    await this.#writing
    return this.#file()
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
    const handle = await this.#file()
    this.#writing = handle.writev(pieces).then(({ bytesWritten }) => {
      if (bytesWritten !== expected) {
        throw Object.assign(new Error('The disk took only part of a write.'), { code: 'ENOSPC' })
      }
    })
    // Awaited by the next flush or by end(); this only keeps an early failure from counting as unhandled.
    this.#writing.catch(() => undefined)
  }
}
