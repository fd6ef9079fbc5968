import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { Xxh64 } from '../../checksum/wasm/xxh64.ts'
import { FRAME_BYTES } from './blob-cipher.ts'
import type { BlobId } from './blob-id.ts'

/**
 * How the frames of a file are summed. `xxh64`: three times as quick as a CRC-32, and finer; `crc32`: files of earlier
 * versions. Neither is a secret: they find what a disk changed by itself, and against somebody who writes to the disk no
 * checksum helps.
 */
export type SumKind = 'xxh64' | 'crc32'

/** Bytes of one frame's checksum in the table that follows the bytes, little-endian. */
export const SUM_BYTES: Readonly<Record<SumKind, number>> = { xxh64: 8, crc32: 4 }

/** The checksums of one blob's frames. Right bytes in a wrong place, or of another blob, have a wrong one. */
export class FrameSums {
  readonly bytes: number
  /** Writes a frame's checksum into a table, beginning at byte `at`. */
  readonly write: (frame: number, bytes: Uint8Array, table: Buffer, at: number) => void
  readonly #computed: Buffer

  constructor(kind: SumKind, id: BlobId, xxh64: Xxh64) {
    this.bytes = SUM_BYTES[kind]
    this.#computed = Buffer.alloc(this.bytes)
    if (kind === 'crc32') {
      this.write = (frame, bytes, table, at) => table.writeUInt32LE(crc32(bytes, crc32(`${id}/${frame}`)), at)
      return
    }
    const seed = hash('sha256', id, 'buffer').readBigUInt64LE()
    this.write = (frame, bytes, table, at) => table.writeBigUInt64LE(xxh64.hash(bytes, seed ^ BigInt(frame)), at)
  }

  /** Whether a frame has the checksum that begins at byte `at` of a table. */
  matches(frame: number, bytes: Uint8Array, table: Buffer, at: number): boolean {
    this.write(frame, bytes, this.#computed, 0)
    return this.#computed.equals(table.subarray(at, at + this.bytes))
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
    for (let at = 0; at < piece.length; at += FRAME_BYTES) {
      const end = this.#frames * this.#sums.bytes
      if (end === this.#table.length) this.#table = Buffer.concat([this.#table], Math.max(64, 2 * end))
      this.#sums.write(this.#frames, piece.subarray(at, at + FRAME_BYTES), this.#table, end)
      this.#frames += 1
    }
  }

  /** The table of all checksums, in the order of the frames. */
  get table(): Buffer {
    return this.#table.subarray(0, this.#frames * this.#sums.bytes)
  }
}
