import { runLifecycle } from './lifecycle/run-lifecycle.ts'
import type { LifecycleReport } from './lifecycle/run-lifecycle.ts'
import type { Store } from './store/store.ts'

const HOUR = 3_600_000

export interface Housekeeping {
  /** Runs one round after the one under way, and tells what it did. */
  run(): Promise<LifecycleReport>
  stop(): Promise<void>
}

/** Runs what lifecycle rules ask for, at the start and every hour. */
export const startHousekeeping = (store: Store, now: () => number): Housekeeping => {
  let stopped = false
  let last: Promise<unknown> = Promise.resolve()
  const run = (): Promise<LifecycleReport> => {
    const round = last.then(() => runLifecycle(store, { now: now(), stopped: () => stopped }))
    last = round.catch(() => undefined)
    return round
  }
  // What fails now is due again at the next round.
  const runQuietly = (): void => void run().catch(() => undefined)
  runQuietly()
  const timer = setInterval(runQuietly, HOUR)
  timer.unref()
  return {
    run,
    stop: async () => {
      stopped = true
      clearInterval(timer)
      await last
    },
  }
}
