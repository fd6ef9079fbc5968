/** Idle buffers that are kept at most: 16 MiB of them. */
const KEPT = 32

/**
 * Memory for reading files that is used again and again. Fresh memory for each piece costs more than the reading: the
 * system clears every page of it, and the garbage collector runs for it.
 */
export class ReadBuffers {
  readonly #bytes: number
  readonly #idle: Buffer[] = []

  /** @param bytes of each buffer */
  constructor(bytes: number) {
    this.#bytes = bytes
  }

  take(): Buffer {
    return this.#idle.pop() ?? Buffer.allocUnsafeSlow(this.#bytes)
  }

  /** The buffer must not be looked at any more, by anybody. */
  give(buffer: Buffer): void {
    if (this.#idle.length < KEPT) this.#idle.push(buffer)
  }
}
