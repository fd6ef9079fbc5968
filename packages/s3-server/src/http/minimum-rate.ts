/** How slow a client may be with a body. */
export interface RateLimit {
  readonly bytesPerSecond: number
  /** Milliseconds of waiting for the client after which it is measured. */
  readonly window: number
}

/**
 * Ends clients that trickle a body to hold a connection. Only the time spent waiting for them counts: a busy disk here is
 * not their fault. One that sends nothing at all ends by the idle timeout.
 */
export class MinimumRate {
  readonly #limit: RateLimit
  #waited = 0
  #bytes = 0

  constructor(limit: RateLimit) {
    this.#limit = limit
  }

  /** Takes the milliseconds that were waited for so many bytes. False when the client is too slow. */
  take(waited: number, bytes: number): boolean {
    this.#waited += waited
    this.#bytes += bytes
    if (this.#waited < this.#limit.window) return true
    const isFastEnough = this.#bytes * 1000 >= this.#limit.bytesPerSecond * this.#waited
    this.#waited = 0
    this.#bytes = 0
    return isFastEnough
  }
}
