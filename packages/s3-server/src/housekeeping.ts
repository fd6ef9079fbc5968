import { abortStaleUploads } from './store/abort-stale-uploads.ts'
import type { Store } from './store/store.ts'

const HOUR = 3_600_000

/** Runs what lifecycle rules ask for, at the start and every hour. */
export const startHousekeeping = (store: Store, now: () => number): { stop(): Promise<void> } => {
  let stopped = false
  const round = (): Promise<void> => abortStaleUploads(store, now(), () => stopped).catch(() => undefined)
  let running = round()
  const timer = setInterval(() => {
    running = running.then(round)
  }, HOUR)
  timer.unref()
  return {
    stop: async () => {
      stopped = true
      clearInterval(timer)
      await running
    },
  }
}
