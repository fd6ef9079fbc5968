import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { Xxh3, XXH3_LEAST_BYTES } from '../../checksum/wasm/xxh3.ts'
import { Xxh64 } from '../../checksum/wasm/xxh64.ts'
import type { BufferPool } from '../../memory/buffer-pool.ts'
import { FRAME_BYTES } from './blob-cipher.ts'
import type { BlobId } from './blob-id.ts'

/**
 * How the frames of a file are summed. `xxh3`: the quickest, of 64 bits, with XXH64 for a frame of less than 241 bytes;
 * `xxh64` and `crc32`: files of earlier versions. None is a secret: they find what a disk changed by itself, and against
 * somebody who writes to the disk no checksum helps.
 */
export type SumKind = 'xxh3' | 'xxh64' | 'crc32'

/** Bytes of one frame's checksum in the table that follows the bytes, little-endian. */
export const SUM_BYTES: Readonly<Record<SumKind, number>> = { xxh3: 8, xxh64: 8, crc32: 4 }

/** Writes the checksums of consecutive frames, whole but for the last, into a table from byte `at` on. */
type WriteSums = (frame: number, bytes: Buffer, table: Buffer, at: number) => void

/** What computes the checksums of all blobs of a store. */
export class FrameSummers {
  readonly #xxh3: Xxh3
  readonly #xxh64: Xxh64

  constructor({ memory, scratch }: BufferPool) {
    this.#xxh3 = new Xxh3(memory, scratch, FRAME_BYTES)
    this.#xxh64 = new Xxh64(memory, scratch.subarray(0, FRAME_BYTES))
  }

  /** For the frames of one blob. */
  of(kind: SumKind, id: BlobId): WriteSums {
    if (kind === 'crc32') {
      return eachFrame(SUM_BYTES.crc32, (frame, bytes, table, at) => {
        table.writeUInt32LE(crc32(bytes, crc32(`${id}/${frame}`)), at)
      })
    }
    const seed = hash('sha256', id, 'buffer').readBigUInt64LE()
    const xxh64: WriteSums = eachFrame(SUM_BYTES.xxh64, (frame, bytes, table, at) => {
      table.writeBigUInt64LE(this.#xxh64.hash(bytes, seed ^ BigInt(frame)), at)
    })
    if (kind === 'xxh64') return xxh64
    return (frame, bytes, table, at) => {
      const last = bytes.length % FRAME_BYTES
      const long = last < XXH3_LEAST_BYTES ? bytes.length - last : bytes.length
      this.#xxh3.sum(bytes.subarray(0, long), frame, seed, table, at)
      const frames = Math.ceil(long / FRAME_BYTES)
      xxh64(frame + frames, bytes.subarray(long), table, at + frames * SUM_BYTES.xxh3)
    }
  }
}

const eachFrame =
  (sumBytes: number, write: WriteSums): WriteSums =>
  (frame, bytes, table, at) => {
    for (let index = 0; index * FRAME_BYTES < bytes.length; index++) {
      const part = bytes.subarray(index * FRAME_BYTES, (index + 1) * FRAME_BYTES)
      write(frame + index, part, table, at + index * sumBytes)
    }
  }

/** The checksums of one blob's frames. Right bytes in a wrong place, or of another blob, have a wrong one. */
export class FrameSums {
  /** Of one checksum. */
  readonly bytes: number
  /** Writes the checksums of consecutive frames, whole but for the last of all, into a table from byte `at` on. */
  readonly write: WriteSums
  #computed = Buffer.alloc(0)

  constructor(kind: SumKind, id: BlobId, summers: FrameSummers) {
    this.bytes = SUM_BYTES[kind]
    this.write = summers.of(kind, id)
  }

  /** Whether frames have the checksums that begin at byte `at` of a table. */
  match(frame: number, bytes: Buffer, table: Buffer, at: number): boolean {
    const length = Math.ceil(bytes.length / FRAME_BYTES) * this.bytes
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
    const from = this.#frames * this.#sums.bytes
    const to = from + frames * this.#sums.bytes
    if (to > this.#table.length) this.#table = Buffer.concat([this.#table], Math.max(64, 2 * to))
    this.#sums.write(this.#frames, piece, this.#table, from)
    this.#frames += frames
  }

  /** The table of all checksums, in the order of the frames. */
  get table(): Buffer {
    return this.#table.subarray(0, this.#frames * this.#sums.bytes)
  }
}
