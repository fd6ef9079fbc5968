/** What a WebAssembly memory is counted in, and the buffers, but for their room for checksums. */
export const PAGE_BYTES = 65_536
/** Files that are written past the page cache want addresses, offsets and lengths that are multiples of this. */
export const ALIGNMENT = 4096

const bytesOf = (pages: number): number => pages * PAGE_BYTES + ALIGNMENT

/** Bytes of the small buffers; like all they have room for the checksums of an object that is read at once. */
export const SMALL_BYTES = bytesOf(2)
const SMALL = { bytes: SMALL_BYTES, count: 160 }
const LARGE = { bytes: bytesOf(8), count: 32 }
/** For a stream alone, which is served in few steps; several are quicker when their pieces stay in the caches. */
const LARGEST = { bytes: bytesOf(16), count: 4 }

/** Bytes in use from which there are only small ones. */
const CROWDED = 16 * 1024 ** 2

/** Whether bytes lie in a pool's memory: when too many of its buffers are in use, it gives others. */
export const isShared = ({ buffer }: Uint8Array): boolean => buffer instanceof SharedArrayBuffer

/** Whether the address of bytes is a multiple of 4096; where nothing tells, it is not. */
export const isAligned = (bytes: Uint8Array): boolean => isShared(bytes) && bytes.byteOffset % ALIGNMENT === 0

/** The buffers of one stream. When it ends all go back, so nobody may look at them any more. */
export interface BufferLease extends Disposable {
  /** A large one only while it is not crowded, the largest for a lease alone. */
  take(size: 'small' | 'large'): Buffer
  /** The buffer, or a part from its beginning, must not be looked at any more, by anybody. */
  give(buffer: Buffer): void
}

/** Buffers of one size. */
interface Shelf {
  readonly bytes: number
  /** Where those lie that nobody uses. */
  readonly offsets: number[]
}

/**
 * Memory for reading and writing files that is used again and again. Fresh memory for each piece costs more than the
 * reading: the system clears every page of it, and the garbage collector runs for it, late.
 *
 * It is one shared WebAssembly memory, since that begins at a page's address, which writing past the page cache needs, and
 * since other threads can look at it. What nobody has used yet takes no room.
 */
export class BufferPool {
  readonly memory: WebAssembly.Memory
  readonly #largest: Shelf
  readonly #large: Shelf
  readonly #small: Shelf
  #leases = 0
  #used = 0

  constructor() {
    let end = 0
    const shelve = ({ bytes, count }: { bytes: number; count: number }): Shelf => {
      const offsets = Array.from({ length: count }, (_, at) => end + at * bytes)
      end += count * bytes
      // The last is taken first: so the same come again and again, and the others are touched only when they must be.
      return { bytes, offsets: offsets.toReversed() }
    }
    this.#largest = shelve(LARGEST)
    this.#large = shelve(LARGE)
    this.#small = shelve(SMALL)
    const pages = Math.ceil(end / PAGE_BYTES)
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
  }

  /** Whether so much is in use that a stream should make do with one buffer at a time. */
  get isCrowded(): boolean {
    return this.#used > CROWDED
  }

  lease(): BufferLease {
    const held = new Map<number, Shelf>()
    let isOpen = true
    this.#leases += 1
    const release = (offset: number): void => {
      const shelf = held.get(offset)
      if (shelf === undefined) return
      held.delete(offset)
      this.#used -= shelf.bytes
      shelf.offsets.push(offset)
    }
    return {
      take: (size) => {
        const shelf = this.#shelfFor(size)
        const offset = shelf.offsets.pop()
        if (offset === undefined) return Buffer.allocUnsafeSlow(shelf.bytes)
        held.set(offset, shelf)
        this.#used += shelf.bytes
        return Buffer.from(this.memory.buffer, offset, shelf.bytes)
      },
      give: (buffer) => {
        if (isShared(buffer)) release(buffer.byteOffset)
      },
      [Symbol.dispose]: () => {
        for (const offset of held.keys()) release(offset)
        if (isOpen) this.#leases -= 1
        isOpen = false
      },
    }
  }

  #shelfFor(size: 'small' | 'large'): Shelf {
    if (size === 'small' || this.isCrowded) return this.#small
    if (this.#leases === 1 && this.#largest.offsets.length > 0) return this.#largest
    return this.#large.offsets.length > 0 ? this.#large : this.#small
  }
}
