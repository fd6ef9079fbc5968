import type { FastifyBaseLogger } from 'fastify'
import type { Accounts } from '../accounts/accounts.ts'
import { pruneSessions } from '../accounts/prune-sessions.ts'
import type { Database } from '../db/database.ts'
import type { Homes } from '../homes/homes.ts'
import { PERIODIC_KEY } from '../jobs/job-rows.ts'
import type { Jobs } from '../jobs/jobs.ts'

const HOUR_MS = 60 * 60_000
const RESUME_EVERY_MS = 10 * 60_000

/**
 * What a process does besides answering: it takes jobs, and hears of new signing keys. Disposing gives the jobs that it
 * runs back to the other processes.
 * @throws AppError `database-unavailable`
 */
export async function startBackground(use: {
  readonly accounts: Accounts
  readonly database: Database
  readonly homes: Homes
  readonly jobs: Jobs
  readonly logger: FastifyBaseLogger
}): Promise<AsyncDisposable> {
  const { accounts, database, homes, jobs, logger } = use
  await using starting = new AsyncDisposableStack()

  const reloadKeys = (): void =>
    void accounts
      .reloadKeys()
      .catch((error: unknown) => logger.warn({ err: error }, 'the signing keys could not be read anew'))
  starting.use(await database.listen('skycrate_signing_keys', reloadKeys, reloadKeys))

  jobs.register('sessions.prune', ({ signal }) => pruneSessions(database, signal))
  jobs.every('sessions.prune', HOUR_MS)
  jobs.register(
    'homes.resume',
    async () => {
      await homes.ensureLibrary()
      await homes.resumeUnfinished()
    },
    { attempts: Infinity },
  )
  jobs.every('homes.resume', RESUME_EVERY_MS)

  // Waited for once, so that a system that is announced has its library. A store that is down now must not keep people
  // who only need a decision from getting one: then the job goes on.
  await homes
    .ensureLibrary()
    .catch((error: unknown) => logger.warn({ err: error }, 'the library could not be created yet'))
  starting.use(jobs)
  await jobs.start()
  await jobs.enqueue('homes.resume', {}, { createdBy: null, key: PERIODIC_KEY })
  return starting.move()
}
