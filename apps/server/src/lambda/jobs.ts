import { setTimeout as sleep } from 'node:timers/promises'
import { startBackground } from '../compose/background.ts'
import { start } from './start.ts'

/** Milliseconds before the function's end in which jobs that run are given back, at their last checkpoint. */
const GIVE_BACK_MS = 20_000
const MOST_MS = 14 * 60_000
const LOOK_EVERY_MS = 1000
/** Looks that must find nothing, so that what is enqueued meanwhile, or follows from a job, is done at once. */
const IDLE_LOOKS = 3
/** Milliseconds: a job that is tried again sooner is waited for. */
const SOON_MS = 15_000

const COUNTS = `select
  (select count(*)::int from jobs where state = 'failed' and finished_at > now() - interval '1 hour') as "failedJobs",
  (select count(*)::int from homes where state <> 'ready') as "unfinishedHomes",
  (select coalesce(sum(count), 0)::int from audit_events
    where action = 'auth.login' and outcome = 'deny' and at > now() - interval '1 hour') as "refusedSignIns"`

/**
 * Takes jobs until none is due, or for as long as the function may run; then it gives them back, and the next event goes on.
 * To be called by a schedule, and when the function for requests writes that jobs wait.
 */
export async function handler(_event: unknown, context: { getRemainingTimeInMillis(): number }): Promise<void> {
  const budget = Math.min(MOST_MS, context.getRemainingTimeInMillis() - GIVE_BACK_MS)
  await using started = await start(process.env)
  const { services, logger } = started
  await using background = await startBackground(services, logger)
  logger.info({ budget }, 'taking jobs')
  const end = performance.now() + budget
  for (let idle = 0; idle < IDLE_LOOKS && performance.now() < end;) {
    await sleep(Math.min(LOOK_EVERY_MS, Math.max(0, end - performance.now())))
    idle = (await services.jobs.isIdle(SOON_MS)) ? idle + 1 : 0
  }
  void background
  const [counts] = await services.database.query(COUNTS)
  // For the alarms: no agent reads the metrics of a function.
  process.stdout.write(`${JSON.stringify({ skycrate: 'jobs done', ...counts })}\n`)
}
