import { FRAME_BYTES } from './blob-cipher.ts'
import { SUM_BYTES } from './frame-sums.ts'

const SMALL_FRAMES = 2
const LARGE_FRAMES = 8
/** Bytes of the buffers: frames with their checksums. */
export const SMALL_BYTES = SMALL_FRAMES * (FRAME_BYTES + SUM_BYTES)
const LARGE_BYTES = LARGE_FRAMES * (FRAME_BYTES + SUM_BYTES)
/** Bytes of idle buffers that are kept at most. */
const KEPT = 8 * 1024 ** 2
/** Bytes in use from which it is crowded. */
const CROWDED = 8 * 1024 ** 2

/** The buffers of one stream; those that were not given back when it ends are forgotten. */
export interface BufferLease extends Disposable {
  /** Of `framesIn` frames; a large one only while it is not crowded. */
  take(size: 'small' | 'large'): Buffer
  /** The buffer must not be looked at any more, by anybody. */
  give(buffer: Buffer): void
}

/** How many frames, with their checksums, a buffer holds. */
export const framesIn = (buffer: Buffer): number => Math.floor(buffer.length / (FRAME_BYTES + SUM_BYTES))

/** A buffer without the room for checksums. */
export const wholeFrames = (buffer: Buffer): Buffer => buffer.subarray(0, framesIn(buffer) * FRAME_BYTES)

/**
 * Memory for reading and writing files that is used again and again. Fresh memory for each piece costs more than the
 * reading: the system clears every page of it, and the garbage collector runs for it, late.
 */
export class BufferPool {
  readonly #small: Buffer[] = []
  readonly #large: Buffer[] = []
  #idle = 0
  #used = 0

  /** Whether so much is in use that a stream should make do with one buffer at a time. */
  get isCrowded(): boolean {
    return this.#used > CROWDED
  }

  lease(): BufferLease {
    const held = new Set<ArrayBufferLike>()
    return {
      take: (size) => {
        const isLarge = size === 'large' && !this.isCrowded
        const bytes = isLarge ? LARGE_BYTES : SMALL_BYTES
        const idle = (isLarge ? this.#large : this.#small).pop()
        if (idle !== undefined) this.#idle -= bytes
        const buffer = idle ?? Buffer.allocUnsafeSlow(bytes)
        held.add(buffer.buffer)
        this.#used += bytes
        return buffer
      },
      give: ({ buffer }) => {
        if (!held.delete(buffer)) return
        const bytes = buffer.byteLength
        this.#used -= bytes
        if (this.#idle + bytes > KEPT) return
        this.#idle += bytes
        const list = bytes === LARGE_BYTES ? this.#large : this.#small
        list.push(Buffer.from(buffer))
      },
      [Symbol.dispose]: () => {
        for (const { byteLength } of held) this.#used -= byteLength
        held.clear()
      },
    }
  }
}
