import { performance } from 'node:perf_hooks'
import type { FastifyBaseLogger } from 'fastify'
import { watchFreshness } from '../access/freshness.ts'
import { createAuditLog } from '../audit/audit-writer.ts'
import { mergeDenials } from '../audit/merge-denials.ts'
import type { Config } from '../config/config.ts'
import { openDatabase } from '../db/open.ts'
import { openReads, readsOf } from '../db/reads.ts'
import { neverFresh, withoutListening } from '../db/without-listening.ts'
import { createMetrics } from '../observability/metrics.ts'
import { tracedAudit, tracedDatabase, tracedJobs, tracedStores } from '../observability/traced.ts'
import type { Tracing } from '../observability/tracing.ts'
import { createJobs } from '../jobs/jobs.ts'
import { createSealing } from '../sealing.ts'
import { createCallerLimits } from '../limits/caller-limits.ts'
import { createMailAdmin } from '../mail/mail-admin.ts'
import { createMailer } from '../mail/mailer.ts'
import { sendMailJob } from '../mail/send-mail-job.ts'
import { openSmtp } from '../mail/smtp.ts'
import { createMailTemplates } from '../mail/templates.ts'
import { openStores } from '../stores/stores.ts'
import type { Backends } from './external-backends.ts'
import { createNotedNames } from '../search/noted-names.ts'
import { notingStores } from '../search/noting-store.ts'

/** What the use cases stand on: the database, the log, the stores, jobs and mail. */
export type Foundation = Awaited<ReturnType<typeof openFoundation>>

export interface FoundationOptions {
  /** Without listening, nothing held is believed: for a process that is frozen between two requests. */
  readonly listens?: boolean
  /** Milliseconds, for a database that takes its time. */
  readonly connectTimeout?: number
  /** Told of each job, where another process is to be woken for it. */
  readonly onEnqueue?: () => void
  readonly tracing?: Tracing | undefined
}

/**
 * @param held takes what must be ended
 * @throws AppError `database-unavailable`
 */
export async function openFoundation(
  held: AsyncDisposableStack,
  config: Config,
  backends: Backends,
  logger: FastifyBaseLogger,
  { listens = true, connectTimeout, onEnqueue, tracing }: FoundationOptions,
) {
  const now = Date.now
  const { connection, target, secret } = backends
  const untraced = held.use(
    openDatabase({ connection, logger, ...(connectTimeout === undefined ? {} : { connectTimeout }) }),
  )
  const opened = tracing ? tracedDatabase(untraced, tracing) : untraced
  const unheard = listens ? undefined : withoutListening(opened)
  const database = unheard ?? opened
  const replica = config.database.kind === 'external' ? config.database.replica : undefined
  const reads =
    replica === undefined
      ? readsOf(database)
      : held.use(
          openReads({
            primary: database,
            replica: openDatabase({ connection: { connectionString: replica.url }, logger }),
            maxLagMs: replica.maxLagSeconds * 1000,
            logger,
          }),
        )
  const auditLog = createAuditLog({ sql: database.hot, logger, now })
  held.defer(() => auditLog.drain())
  const limits = held.use(createCallerLimits({ sql: database, logger, now, rates: config.rates }))
  const metrics = config.metricsToken === undefined ? undefined : createMetrics()
  const counted = metrics?.counting(auditLog) ?? auditLog
  const merged = held.use(mergeDenials({ log: counted, limits, logger, now }))
  const audit = tracing ? tracedAudit(merged, tracing) : merged
  const reached = held.use(await openStores(target, { database, logger, now }))
  const openedStores = tracing ? tracedStores(reached, tracing) : reached
  const names = createNotedNames({ database, logger, now })
  const stores = notingStores(openedStores, names)
  const freshness = held.use(
    listens ? await watchFreshness(database, logger, () => performance.now()) : neverFresh(database),
  )
  metrics?.watch({ sql: database, freshness, waitingEvents: () => auditLog.waiting() })
  const settled = (): Promise<void> => freshness.settled()
  const ownJobs = createJobs({ database, logger, now, ...(onEnqueue === undefined ? {} : { onEnqueue }) })
  const jobs = tracing ? tracedJobs(ownJobs, tracing) : ownJobs
  const sealing = createSealing(secret, 'skycrate mails')
  const smtp = config.mail.smtp && held.use(openSmtp(config.mail.smtp, config.mail))
  const templates = createMailTemplates(config.http.publicUrl)
  const mailer = createMailer({ jobs, sealing, now })

  return {
    config,
    connection,
    target,
    secret,
    logger,
    now,
    database,
    reads,
    /** Where it does not listen: before each request, since what is held may have changed. */
    tellOfGap: (): void => unheard?.tellOfGap(),
    audit,
    limits,
    /** Undefined where nobody may ask for them. */
    metrics,
    stores,
    freshness,
    settled,
    jobs,
    mailer,
    templates,
    mail: createMailAdmin({ database, audit, config: config.mail, sealing, smtp, templates, now }),
    sendMail: sendMailJob({ database, sealing, smtp }),
  }
}
