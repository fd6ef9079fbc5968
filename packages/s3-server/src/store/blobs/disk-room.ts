import { statfs } from 'node:fs/promises'

const MIB = 1024 * 1024
/** Milliseconds for which the last look at the disk is trusted. */
const FRESH = 250

/** Bytes of a disk that are kept free, of all its bytes: a twentieth, between 8 and 64 MiB. */
export const reserveOf = (bytes: number): number => Math.max(8 * MIB, Math.min(64 * MIB, bytes / 20))

/**
 * Keeps uploads off the last bytes of the disk: without them the index could not record even a deletion, and a full
 * store could not be emptied.
 */
export class DiskRoom {
  readonly #directory: string
  #left = 0
  #lookedAt = Number.NEGATIVE_INFINITY

  constructor(directory: string) {
    this.#directory = directory
  }

  /** @throws an error with the code ENOSPC when that many bytes would touch the reserve */
  async claim(bytes: number): Promise<void> {
    // Before a refusal always: something may have been deleted just now.
    if (performance.now() - this.#lookedAt > FRESH || this.#left < bytes) {
      const { bavail, blocks, bsize } = await statfs(this.#directory)
      this.#left = bavail * bsize - reserveOf(blocks * bsize)
      this.#lookedAt = performance.now()
    }
    if (this.#left < bytes) throw Object.assign(new Error('The disk is full but for the reserve.'), { code: 'ENOSPC' })
    this.#left -= bytes
  }
}
