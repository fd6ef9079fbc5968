/** What a WebAssembly memory is counted in, and the buffers, but for their room for checksums. */
export const PAGE_BYTES = 65_536
/** Files that are written past the page cache want addresses, offsets and lengths that are multiples of this. */
export const ALIGNMENT = 4096

/** Bytes of the buffers, each with room for the checksums of an object that is read at once. */
export const SMALL_BYTES = 2 * PAGE_BYTES + ALIGNMENT
const LARGE_BYTES = 8 * PAGE_BYTES + ALIGNMENT

const SMALL_BUFFERS = 160
const LARGE_BUFFERS = 32
/** Bytes in use from which a stream should make do with one small buffer. */
const CROWDED = LARGE_BUFFERS * LARGE_BYTES - SMALL_BYTES

/** Bytes at the beginning of the memory that no buffer has: a page for the thread that digests, and the scratch. */
const OWN_BYTES = 2 * PAGE_BYTES

/** Whether bytes lie in a pool's memory: when too many of its buffers are in use, it gives others. */
export const isShared = ({ buffer }: Uint8Array): boolean => buffer instanceof SharedArrayBuffer

/** Whether the address of bytes is a multiple of 4096; where nothing tells, it is not. */
export const isAligned = (bytes: Uint8Array): boolean => isShared(bytes) && bytes.byteOffset % ALIGNMENT === 0

/** The buffers of one stream. When it ends all go back, so nobody may look at them any more. */
export interface BufferLease extends Disposable {
  take(size: 'small' | 'large'): Buffer
  /** The buffer must not be looked at any more, by anybody. */
  give(buffer: Buffer): void
}

/**
 * Memory for reading and writing files that is used again and again. Fresh memory for each piece costs more than the
 * reading: the system clears every page of it, and the garbage collector runs for it, late.
 *
 * It is one WebAssembly memory, since that begins at a page's address, which writing past the page cache needs, and since
 * other threads and WebAssembly can look at it. What nobody has used yet takes no room.
 */
export class BufferPool {
  readonly memory: WebAssembly.Memory
  readonly #small: number[]
  readonly #large: number[]
  #used = 0

  constructor() {
    const smallFrom = OWN_BYTES + LARGE_BUFFERS * LARGE_BYTES
    const pages = Math.ceil((smallFrom + SMALL_BUFFERS * SMALL_BYTES) / PAGE_BYTES)
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
    // The last is taken first, so the low ones come again and again, and the others are touched only when they must be.
    this.#large = Array.from({ length: LARGE_BUFFERS }, (_, at) => OWN_BYTES + at * LARGE_BYTES).toReversed()
    this.#small = Array.from({ length: SMALL_BUFFERS }, (_, at) => smallFrom + at * SMALL_BYTES).toReversed()
  }

  /** 64 KiB for who computes in the memory with bytes that lie elsewhere. */
  get scratch(): Buffer {
    return Buffer.from(this.memory.buffer, PAGE_BYTES, PAGE_BYTES)
  }

  /** Whether so much is in use that a stream should make do with one buffer at a time. */
  get isCrowded(): boolean {
    return this.#used > CROWDED
  }

  lease(): BufferLease {
    const held = new Map<number, number>()
    const release = (offset: number): void => {
      const bytes = held.get(offset)
      if (bytes === undefined) return
      held.delete(offset)
      this.#used -= bytes
      const list = bytes === LARGE_BYTES ? this.#large : this.#small
      list.push(offset)
    }
    return {
      take: (size) => {
        const isLarge = size === 'large' && !this.isCrowded && this.#large.length > 0
        const bytes = isLarge ? LARGE_BYTES : SMALL_BYTES
        const offset = (isLarge ? this.#large : this.#small).pop()
        if (offset === undefined) return Buffer.allocUnsafeSlow(bytes)
        held.set(offset, bytes)
        this.#used += bytes
        return Buffer.from(this.memory.buffer, offset, bytes)
      },
      give: (buffer) => {
        if (isShared(buffer)) release(buffer.byteOffset)
      },
      [Symbol.dispose]: () => {
        for (const offset of held.keys()) release(offset)
      },
    }
  }
}
