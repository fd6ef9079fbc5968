import { crc32 } from 'node:zlib'
import { FRAME_BYTES } from './blob-cipher.ts'
import type { BlobId } from './blob-id.ts'

/** Bytes of one frame's checksum in the table that follows the bytes of an unencrypted blob. */
export const SUM_BYTES = 4

// Begun with the blob's name and the frame's number: right bytes in a wrong place have a wrong sum.
const seedOf = (id: BlobId, frame: number): number => crc32(`${id}/${frame}`)

/** The CRC-32 of a frame in its place. */
export const sumOfFrame = (id: BlobId, frame: number, bytes: Uint8Array): number => crc32(bytes, seedOf(id, frame))

/** Sums the frames of a blob as its bytes pass by. */
export class FrameSummer {
  readonly #id: BlobId
  readonly #sums: number[] = []
  #current = 0
  #filled = 0

  constructor(id: BlobId) {
    this.#id = id
  }

  update(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      if (this.#filled === 0) this.#current = seedOf(this.#id, this.#sums.length)
      const taken = Math.min(FRAME_BYTES - this.#filled, chunk.length - at)
      this.#current = crc32(chunk.subarray(at, at + taken), this.#current)
      at += taken
      this.#filled += taken
      if (this.#filled === FRAME_BYTES) this.#close()
    }
  }

  /** The table: one little-endian number a frame. */
  end(): Buffer {
    if (this.#filled > 0) this.#close()
    const table = Buffer.alloc(this.#sums.length * SUM_BYTES)
    for (const [frame, sum] of this.#sums.entries()) table.writeUInt32LE(sum, frame * SUM_BYTES)
    return table
  }

  #close(): void {
    this.#sums.push(this.#current)
    this.#filled = 0
  }
}
