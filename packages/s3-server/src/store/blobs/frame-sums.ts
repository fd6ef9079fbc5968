import { createCipheriv, createHash } from 'node:crypto'
import type { CipherGCM } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { FRAME_BYTES } from './blob-cipher.ts'
import type { BlobId } from './blob-id.ts'

/**
 * How the frames of a file are summed. `gmac`: the first 8 bytes of AES-128-GMAC, three times as quick as a CRC-32 on
 * processors of this decade; `crc32`: files of earlier versions.
 */
export type SumKind = 'gmac' | 'crc32'

/** Bytes of one frame's checksum in the table that follows the bytes. */
export const SUM_BYTES: Readonly<Record<SumKind, number>> = { gmac: 8, crc32: 4 }

/** Computes the checksums of one blob's frames. Right bytes in a wrong place, or of another blob, have a wrong one. */
export type SumFrame = (frame: number, bytes: Uint8Array) => Buffer

const gmac = (id: BlobId): SumFrame => {
  // No secret: it finds what a disk changed by itself, and against somebody who writes to the disk no checksum helps.
  const key = createHash('sha256').update(id).digest().subarray(0, 16)
  const nonce = Buffer.alloc(12)
  return (frame, bytes) => {
    nonce.writeUIntBE(frame, 6, 6)
    const cipher: CipherGCM = createCipheriv('aes-128-gcm', key, nonce)
    cipher.setAAD(bytes).final()
    return cipher.getAuthTag().subarray(0, SUM_BYTES.gmac)
  }
}

const crc = (id: BlobId): SumFrame => {
  return (frame, bytes) => {
    const sum = Buffer.alloc(SUM_BYTES.crc32)
    sum.writeUInt32LE(crc32(bytes, crc32(`${id}/${frame}`)))
    return sum
  }
}

export const frameSums = (kind: SumKind, id: BlobId): SumFrame => (kind === 'gmac' ? gmac(id) : crc(id))

/** Sums the frames of a blob as its bytes pass by. */
export class FrameSummer {
  readonly #sum: SumFrame
  readonly #sumBytes: number
  /** In memory that grows as a whole: a large object has many frames. */
  #table = Buffer.alloc(0)
  #frames = 0

  constructor(kind: SumKind, id: BlobId) {
    this.#sum = frameSums(kind, id)
    this.#sumBytes = SUM_BYTES[kind]
  }

  /** @param piece whole frames, but for the last one of all */
  update(piece: Buffer): void {
    for (let at = 0; at < piece.length; at += FRAME_BYTES) {
      const end = this.#frames * this.#sumBytes
      if (end === this.#table.length) this.#table = Buffer.concat([this.#table], Math.max(64, 2 * end))
      this.#sum(this.#frames, piece.subarray(at, at + FRAME_BYTES)).copy(this.#table, end)
      this.#frames += 1
    }
  }

  /** The table of all checksums, in the order of the frames. */
  get table(): Buffer {
    return this.#table.subarray(0, this.#frames * this.#sumBytes)
  }
}
