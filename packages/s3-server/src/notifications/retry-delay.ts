export interface RetryPace {
  /** Milliseconds before the first repetition. */
  readonly first: number
  /** Milliseconds that no wait exceeds. */
  readonly most: number
}

/**
 * How long to wait after a number of failures in a row: twice as long each time, less up to a half by chance, so that
 * those who failed together do not come back together.
 *
 * @param random from 0 to 1
 * @returns milliseconds
 */
export const retryDelay = (failures: number, { first, most }: RetryPace, random: number): number =>
  Math.min(most, first * 2 ** Math.min(failures - 1, 40)) * (1 - random / 2)
