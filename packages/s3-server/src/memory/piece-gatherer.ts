import { PAGE_BYTES } from './buffer-pool.ts'
import type { BufferLease, BufferPool } from './buffer-pool.ts'

/** Pieces in use at once, beside the one that fills. */
const IN_USE = 2

export interface PieceGathererOptions {
  readonly pool: BufferPool
  readonly lease: BufferLease
  /** Memory of the first piece, from the lease. */
  readonly first: Buffer
  /** Takes a full piece, whole multiples of 64 KiB; resolves when it is done with its memory. */
  readonly use: (piece: Buffer) => Promise<void>
}

/**
 * Gathers bytes into large pieces, which are used while the next one fills. What fails in a use comes out at the next
 * step.
 */
export class PieceGatherer {
  readonly #options: PieceGathererOptions
  #memory: Buffer
  #piece: Buffer
  #filled = 0
  readonly #uses: Promise<void>[] = []

  constructor(options: PieceGathererOptions) {
    this.#options = options
    this.#memory = options.first
    this.#piece = this.#fitted()
  }

  /** Resolves when the next bytes may come; the memory of these is free again. Must not be called before that. */
  async push(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const taken = bytes.copy(this.#piece, this.#filled, at)
      at += taken
      this.#filled += taken
      if (this.#filled === this.#piece.length) await this.#handOver()
    }
  }

  /** What has filled no piece, good until the lease ends. All full pieces are done with. */
  async end(): Promise<Buffer> {
    await Promise.all(this.#uses)
    return this.#piece.subarray(0, this.#filled)
  }

  /** Resolves when nobody uses any piece any more, whatever became of them. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#uses)
  }

  async #handOver(): Promise<void> {
    const { pool, lease, use } = this.#options
    const memory = this.#memory
    const used = use(this.#piece)
    this.#uses.push(used)
    this.#filled = 0
    if (pool.isCrowded) {
      // In the same memory again.
      await Promise.all(this.#uses)
      this.#uses.length = 0
      return
    }
    used.then(
      () => {
        lease.give(memory)
      },
      // Awaited in its turn; this only keeps an early failure from counting as unhandled.
      () => undefined,
    )
    if (this.#uses.length > IN_USE) await this.#uses.shift()
    this.#memory = lease.take('large')
    this.#piece = this.#fitted()
  }

  #fitted(): Buffer {
    return this.#memory.subarray(0, this.#memory.length - (this.#memory.length % PAGE_BYTES))
  }
}
