import { setTimeout as sleep } from 'node:timers/promises'
import { startBackground } from '../compose/background.ts'
import { start } from './start.ts'

/** Milliseconds before the function's end in which jobs that run are given back, at their last checkpoint. */
const GIVE_BACK_MS = 20_000
const MOST_MS = 14 * 60_000

/**
 * Takes jobs for as long as the function may run, then gives them back; the next event goes on. To be called by a
 * schedule, such as every five minutes with a time-out of five minutes.
 */
export async function handler(_event: unknown, context: { getRemainingTimeInMillis(): number }): Promise<void> {
  const budget = Math.min(MOST_MS, context.getRemainingTimeInMillis() - GIVE_BACK_MS)
  await using started = await start(process.env)
  const { services, config, logger } = started
  await using background = await startBackground(services, config, logger)
  logger.info({ budget }, 'taking jobs')
  await sleep(Math.max(0, budget))
  void background
}
