import { setTimeout } from 'node:timers/promises'
import { isTransient } from './s3-failure.ts'

const ATTEMPTS = 7
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 20_000

/**
 * Does something again while it fails for a moment (5xx, SlowDown, a connection that broke), each time after twice the
 * pause, shortened at random so that many do not come back at once.
 *
 * @param work gets the number of the attempt, from 1, and the error of the one before
 */
export const withRetries = async <T>(work: (attempt: number, before: unknown) => Promise<T>): Promise<T> => {
  let before: unknown
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt, before)
    } catch (error) {
      if (attempt === ATTEMPTS || !isTransient(error)) throw error
      before = error
      const pause = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS)
      await setTimeout(pause * (0.5 + Math.random() / 2))
    }
  }
}
