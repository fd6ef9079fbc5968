import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'

/**
 * Does the work now and again after each pause, whatever becomes of it; disposing waits for the run that is under way.
 * @param pauseMs milliseconds between the end of one run and the start of the next
 */
export function startUpkeep(options: {
  readonly what: string
  readonly pauseMs: number
  readonly logger: FastifyBaseLogger
  readonly work: (signal: AbortSignal) => Promise<void>
}): AsyncDisposable {
  const { what, pauseMs, logger, work } = options
  const stopped = new AbortController()
  const { signal } = stopped
  const ended = (async () => {
    while (!signal.aborted) {
      try {
        await work(signal)
      } catch (error) {
        if (!signal.aborted) logger.warn({ err: error }, `${what} failed; it is tried again later`)
      }
      await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => undefined)
    }
  })()
  return {
    async [Symbol.asyncDispose]() {
      stopped.abort()
      await ended
    },
  }
}
