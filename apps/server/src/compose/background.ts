import type { FastifyBaseLogger } from 'fastify'
import { pruneUsedChallenges } from '../accounts/factors/challenge-token.ts'
import { pruneOneTimeCodes } from '../accounts/one-time-codes.ts'
import { pruneMailCodes } from '../accounts/mail-codes.ts'
import { createPartitionsAhead, dropExpired } from '../audit/partitions.ts'
import { sumDays } from '../audit/sum-days.ts'
import { summariseRequests } from '../audit/summarise-requests.ts'
import { endIdleSessions, pruneSessions } from '../accounts/prune-sessions.ts'
import { pruneTokens } from '../tokens/token-rows.ts'
import { pruneShares } from '../shares/share-rows.ts'
import { keepQuotas } from '../quotas/keep-quotas.ts'
import { KEEP_QUOTAS } from '../quotas/meter.ts'
import type { Config } from '../config/config.ts'
import { PERIODIC_KEY } from '../jobs/job-rows.ts'
import { pruneMails } from '../mail/mail-rows.ts'
import { SEND_MAIL, SEND_MAIL_OPTIONS } from '../mail/send-mail-job.ts'
import { deleteDueUsers } from '../users/delete-due-users.ts'
import { LIST_NAMES, listNamesJob } from '../search/list-names-job.ts'
import { SWEEP_THUMBNAILS } from '../thumbnails/thumbnails.ts'
import { DELETE_USER, deleteUserJob } from '../users/delete-user-job.ts'
import { pruneLogoutTokens } from '../accounts/logout-tokens.ts'
import { pruneAttempts } from '../sign-in-with/sign-in-attempts.ts'
import { SCHEDULE_JOB } from '../usage/storage.ts'
import type { Services } from './services.ts'

const HOUR_MS = 60 * 60_000
const DUE_EVERY_MS = 60_000
const SUM_EVERY_MS = 2 * 60_000
const RESUME_EVERY_MS = 10 * 60_000

/** Every kind of job: how it is done and, where it repeats, how often. */
/** What each job does, also where a process only enqueues them. Once for all services. */
export function registerJobs(
  { accounts, audit, database, homes, jobs, meter, sendMail, sessionKeys, stores, users }: Services,
  config: Config,
  logger: FastifyBaseLogger,
): void {
  jobs.register('sessions.prune', async ({ signal }) => {
    await endIdleSessions(database, config.browserSessions.idleMinutes)
    await pruneSessions(database, signal)
    await pruneOneTimeCodes(database)
    await pruneUsedChallenges(database)
    await pruneAttempts(database)
    await pruneLogoutTokens(database)
    await sessionKeys.prune()
    await pruneMails(database)
    await pruneTokens(database)
    await pruneShares(database)
    await pruneMailCodes(database)
    await accounts.device.prune()
  })
  jobs.every('sessions.prune', HOUR_MS)
  jobs.register('users.delete-due', ({ id }) => deleteDueUsers({ database, users, logger }, id))
  jobs.every('users.delete-due', DUE_EVERY_MS)
  jobs.register('signing-keys.rotate', () => accounts.rotateKeys(config.tokens.signingKeyDays))
  jobs.every('signing-keys.rotate', HOUR_MS)
  jobs.register(SEND_MAIL, sendMail, SEND_MAIL_OPTIONS)
  jobs.register(DELETE_USER, deleteUserJob({ database, audit, homes, now: Date.now }), { cancellable: false })
  jobs.register(KEEP_QUOTAS, ({ signal }) => keepQuotas({ database, storeOf: stores.storeOf, meter }, signal), {
    attempts: Infinity,
    cancellable: false,
  })
  jobs.every(KEEP_QUOTAS, DUE_EVERY_MS)
  jobs.register('audit.sums', async ({ signal }) => {
    await sumDays(database, Date.now(), signal)
    // BRIN knows of new pages once they are summarised.
    await summariseRequests(database)
  })
  jobs.every('audit.sums', SUM_EVERY_MS)
  jobs.register('audit.partitions', async () => {
    await createPartitionsAhead(database, Date.now())
    await dropExpired({ database, audit, logger, now: Date.now(), days: config.auditRetentionDays })
  })
  jobs.every('audit.partitions', HOUR_MS)
  jobs.every(SWEEP_THUMBNAILS, HOUR_MS)
  jobs.every(SCHEDULE_JOB, HOUR_MS)
  jobs.register(LIST_NAMES, listNamesJob({ database, storeOf: stores.storeOf }), { atOnce: 2, cancellable: false })
  jobs.register(
    'homes.resume',
    async () => {
      await homes.ensureLibrary()
      await homes.resumeUnfinished()
    },
    { attempts: Infinity },
  )
  jobs.every('homes.resume', RESUME_EVERY_MS)
}

/**
 * What a process does besides answering, once its jobs are registered: it takes jobs, and hears of new signing keys. Disposing gives the jobs that it
 * runs back to the other processes.
 * @throws AppError `database-unavailable`
 */
export async function startBackground(services: Services, logger: FastifyBaseLogger): Promise<AsyncDisposable> {
  const { accounts, buckets, database, homes, jobs } = services
  await using starting = new AsyncDisposableStack()

  const reloadKeys = (): void =>
    void accounts
      .reloadKeys()
      .catch((error: unknown) => logger.warn({ err: error }, 'could not reload the signing keys'))
  starting.use(await database.listen('skycrate_signing_keys', reloadKeys, reloadKeys))

  // Waited for once, so that a system that is announced has its library. A store that is down now must not keep people
  // who only need a decision from getting one: then the job goes on.
  await homes
    .ensureLibrary()
    .catch((error: unknown) => logger.warn({ err: error }, 'could not create the library yet; will retry'))
  starting.use(jobs)
  await jobs.start()
  await buckets.bringUpToDate()
  await jobs.enqueue('homes.resume', {}, { createdBy: null, key: PERIODIC_KEY })
  return starting.move()
}
