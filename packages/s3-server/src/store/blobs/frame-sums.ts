import { hash } from 'node:crypto'
import xxhash from 'xxhash-wasm'
import { FRAME_BYTES } from './blob-cipher.ts'
import type { BlobId } from './blob-id.ts'

const xxh = await xxhash()

/** Bytes of one frame's checksum in the table that follows the bytes, little-endian. */
export const SUM_BYTES = 8

/**
 * XXH64 of each of one blob's frames, with a seed of the blob and the frame's place: right bytes in a wrong place, or of
 * another blob, have a wrong one. It is no secret: it finds what a disk changed by itself, and against somebody who writes to
 * the disk no checksum helps.
 */
export class FrameSums {
  readonly #seed: bigint
  #computed = Buffer.alloc(0)

  constructor(id: BlobId) {
    this.#seed = hash('sha256', id, 'buffer').readBigUInt64LE()
  }

  /** Writes the checksums of consecutive frames, whole but for the last of all, into a table from byte `at` on. */
  write(frame: number, bytes: Buffer, table: Buffer, at: number): void {
    for (let index = 0; index * FRAME_BYTES < bytes.length; index++) {
      const part = bytes.subarray(index * FRAME_BYTES, (index + 1) * FRAME_BYTES)
      table.writeBigUInt64LE(xxh.h64Raw(part, this.#seed ^ BigInt(frame + index)), at + index * SUM_BYTES)
    }
  }

  /** Whether frames have the checksums that begin at byte `at` of a table. */
  match(frame: number, bytes: Buffer, table: Buffer, at: number): boolean {
    const length = Math.ceil(bytes.length / FRAME_BYTES) * SUM_BYTES
    if (this.#computed.length < length) this.#computed = Buffer.alloc(length)
    this.write(frame, bytes, this.#computed, 0)
    return table.compare(this.#computed, 0, length, at, at + length) === 0
  }
}

/** Sums the frames of a blob as its bytes pass by. */
export class FrameSummer {
  readonly #sums: FrameSums
  /** In memory that grows as a whole: a large object has many frames. */
  #table = Buffer.alloc(0)
  #frames = 0

  constructor(sums: FrameSums) {
    this.#sums = sums
  }

  /** @param piece whole frames, but for the last one of all */
  update(piece: Buffer): void {
    const frames = Math.ceil(piece.length / FRAME_BYTES)
    const from = this.#frames * SUM_BYTES
    const to = from + frames * SUM_BYTES
    if (to > this.#table.length) this.#table = Buffer.concat([this.#table], Math.max(64, 2 * to))
    this.#sums.write(this.#frames, piece, this.#table, from)
    this.#frames += frames
  }

  /** The table of all checksums, in the order of the frames. */
  get table(): Buffer {
    return this.#table.subarray(0, this.#frames * SUM_BYTES)
  }
}
