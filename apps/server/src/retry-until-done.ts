import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'

/** Milliseconds between tries: doubled after each, up to the last. */
const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 60_000

/** Does something that must be done once, however long what it needs is away; disposing gives up. */
export function retryUntilDone(
  what: string,
  logger: FastifyBaseLogger,
  work: () => Promise<void>,
): AsyncDisposable & { /** Resolves after the first try, done or not. */ readonly firstTry: Promise<void> } {
  const stopped = new AbortController()
  const attempt = async (): Promise<boolean> => {
    try {
      await work()
      return true
    } catch (error) {
      logger.warn({ err: error }, `${what} failed; trying again`)
      return false
    }
  }
  const first = attempt()
  const finished = (async () => {
    let done = await first
    for (let pause = FIRST_PAUSE_MS; !done && !stopped.signal.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      await sleep(pause, undefined, { signal: stopped.signal, ref: false }).catch(() => undefined)
      if (!stopped.signal.aborted) done = await attempt()
    }
  })()
  return {
    firstTry: first.then(() => undefined),
    async [Symbol.asyncDispose]() {
      stopped.abort()
      await finished
    },
  }
}
