import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Asks again and again until the answer is something other than undefined or false.
 * @param limitMs how long to ask; then it throws
 */
export async function poll<T>(
  what: string,
  limitMs: number,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const end = performance.now() + limitMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (performance.now() > end) throw new Error(`${what}: not within ${limitMs / 1000} s`)
    await sleep(40)
  }
}
