import { SkyCrateError } from '../skycrate-error.ts'
import { wait } from '../wait.ts'

/** Milliseconds before the second attempt; twice as long before each further one. */
const FIRST_PAUSE_MS = 400
const LONGEST_PAUSE_MS = 15_000

/** Statuses after which the same request may succeed. 0: there was no answer. */
const PASSING: ReadonlySet<number> = new Set([0, 408, 425, 429, 500, 502, 503, 504])

export const mayPass = (error: unknown): boolean => error instanceof SkyCrateError && PASSING.has(error.status)

/**
 * Does the work again, after longer and longer pauses, while its failure may pass.
 * @throws the last failure
 */
export async function withBackOff<T>(
  work: (attempt: number) => Promise<T>,
  { attempts, signal }: { readonly attempts: number; readonly signal: AbortSignal | undefined },
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt)
    } catch (error) {
      if (signal?.aborted || attempt >= attempts || !mayPass(error)) throw error
      const pause = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS)
      // Many parts that failed together do not come back together.
      await wait(pause * (0.5 + Math.random() / 2), signal)
    }
  }
}
