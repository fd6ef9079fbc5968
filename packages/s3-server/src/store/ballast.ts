import { randomFillSync } from 'node:crypto'
import { statfsSync, statSync, unlinkSync } from 'node:fs'
import { open, rename, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { ballastOf, reserveOf } from './blobs/disk-room.ts'

const MIB = 1024 * 1024
/** Free bytes below which a change of the index might fail. */
const LOW = 4 * MIB
/** Milliseconds for which the last look at the disk is trusted. */
const FRESH = 250
/** Milliseconds from the start to the first filling, and between later ones. */
const FIRST = 5000
const AGAIN = 60_000

/**
 * A file that only takes room. When others have filled the disk it is deleted, so that deletions of objects, and a start,
 * still have room for what they write. It is written again when there is room enough.
 */
export class Ballast {
  readonly #directory: string
  readonly #path: string
  readonly #timers: NodeJS.Timeout[] = []
  #isHeld: boolean
  #filling: Promise<void> | undefined
  #lookedAt = Number.NEGATIVE_INFINITY

  constructor(directory: string) {
    this.#directory = directory
    this.#path = join(directory, 'ballast')
    this.#isHeld = statSync(this.#path, { throwIfNoEntry: false }) !== undefined
  }

  /** Whether it takes its room now. */
  get isHeld(): boolean {
    return this.#isHeld
  }

  /** Keeps it filled from now on. */
  keep(): void {
    const fill = (): void => void this.fill().catch(() => undefined)
    this.#timers.push(setTimeout(fill, FIRST).unref(), setInterval(fill, AGAIN).unref())
  }

  /** Writes the file when it is not there and the disk has room for it and more. */
  fill(): Promise<void> {
    this.#filling ??= this.#fill().finally(() => (this.#filling = undefined))
    return this.#filling
  }

  /** Deletes the file when the disk is about to be full. To be called before something is written. */
  check(): void {
    if (!this.#isHeld || performance.now() - this.#lookedAt < FRESH) return
    this.#lookedAt = performance.now()
    const { bavail, bsize } = statfsSync(this.#directory)
    if (bavail * bsize < LOW) this.release()
  }

  /** Deletes the file. False when it was not there. */
  release(): boolean {
    if (!this.#isHeld) return false
    this.#isHeld = false
    try {
      unlinkSync(this.#path)
      return true
    } catch {
      return false
    }
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer)
    await this.#filling?.catch(() => undefined)
  }

  async #fill(): Promise<void> {
    if (this.#isHeld) return
    const { bavail, blocks, bsize } = await statfs(this.#directory)
    const size = ballastOf(blocks * bsize)
    if (bavail * bsize < reserveOf(blocks * bsize) + 2 * size) return
    const temporary = `${this.#path}.new`
    try {
      const handle = await open(temporary, 'w', 0o600)
      try {
        // Random: some file systems keep nothing for zeros.
        const piece = Buffer.alloc(MIB)
        for (let at = 0; at < size; at += MIB) await handle.write(randomFillSync(piece), 0, Math.min(MIB, size - at))
        await handle.sync()
      } finally {
        await handle.close()
      }
      await rename(temporary, this.#path)
      this.#isHeld = true
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
  }
}
