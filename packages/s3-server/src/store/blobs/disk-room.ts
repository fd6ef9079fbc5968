import { statfs } from 'node:fs/promises'

const MIB = 1024 * 1024
/** Milliseconds for which the last look at the disk is trusted. */
const FRESH = 250

/** Bytes of a disk that are kept free, of all its bytes: a twentieth, between 8 and 64 MiB. */
export const reserveOf = (bytes: number): number => Math.max(8 * MIB, Math.min(64 * MIB, bytes / 20))

/** Bytes of the ballast, on a disk of so many bytes: a sixteenth, 16 MiB at most. */
export const ballastOf = (bytes: number): number => Math.min(16 * MIB, Math.floor(bytes / 16))

/**
 * Keeps uploads off the last bytes of the disk: without them the index could not record even a deletion, and a full
 * store could not be emptied.
 */
export class DiskRoom {
  readonly #directory: string
  readonly #isBallastHeld: () => boolean
  #left = 0
  #lookedAt = Number.NEGATIVE_INFINITY

  /** @param isBallastHeld whether the ballast takes its room already, which else is kept free for it */
  constructor(directory: string, isBallastHeld: () => boolean) {
    this.#directory = directory
    this.#isBallastHeld = isBallastHeld
  }

  /** @throws an error with the code ENOSPC when that many bytes would touch the reserve */
  async claim(bytes: number): Promise<void> {
    // Before a refusal always: something may have been deleted just now.
    if (performance.now() - this.#lookedAt > FRESH || this.#left < bytes) {
      const { bavail, blocks, bsize } = await statfs(this.#directory)
      const ballast = this.#isBallastHeld() ? 0 : ballastOf(blocks * bsize)
      this.#left = bavail * bsize - reserveOf(blocks * bsize) - ballast
      this.#lookedAt = performance.now()
    }
    if (this.#left < bytes) throw Object.assign(new Error('The disk is full but for the reserve.'), { code: 'ENOSPC' })
    this.#left -= bytes
  }
}
