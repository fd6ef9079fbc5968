import { retryDelay } from './retry-delay.ts'
import type { RetryPace } from './retry-delay.ts'

interface Parked {
  refusals: number
  /** Milliseconds on the caller's clock. */
  retryAt: number
}

/**
 * Keys whose next event the webhook refused by itself. They wait, each for its own time, and hold up no other key; their
 * later events wait with them, to keep the order.
 */
export class ParkedPlaces {
  readonly #places = new Map<string, Parked>()

  get size(): number {
    return this.#places.size
  }

  has(place: string): boolean {
    return this.#places.has(place)
  }

  isDue(place: string, now: number): boolean {
    return (this.#places.get(place)?.retryAt ?? Infinity) <= now
  }

  /** Once more refused: it waits longer than the last time. */
  park(place: string, now: number, pace: RetryPace, random: number): void {
    const refusals = (this.#places.get(place)?.refusals ?? 0) + 1
    this.#places.set(place, { refusals, retryAt: now + retryDelay(refusals, pace, random) })
  }

  release(place: string): void {
    this.#places.delete(place)
  }

  /** Forgets those of which nothing waits any more. */
  keep(isThere: (place: string) => boolean): void {
    for (const place of this.#places.keys()) if (!isThere(place)) this.#places.delete(place)
  }

  /** When the first of them is due; undefined when there is none. */
  nextDue(): number | undefined {
    return this.#places.size === 0 ? undefined : Math.min(...[...this.#places.values()].map(({ retryAt }) => retryAt))
  }
}
