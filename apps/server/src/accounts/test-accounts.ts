import { setTimeout as sleep } from 'node:timers/promises'
import type { SignInResult, Tokens } from '@skycrate/contract/auth/schemas'
import type { UserId } from '@skycrate/core/naming/id'
import { pino } from 'pino'
import type { NewAuditEvent, RequestOrigin } from '../audit/audit-event.ts'
import { createAuditLog } from '../audit/audit-writer.ts'
import type { Database } from '../db/database.ts'
import { testDatabase, type TestDatabase } from '../db/test-database.ts'
import { AppError } from '../errors/app-error.ts'
import { createJobs } from '../jobs/jobs.ts'
import { listMails } from '../mail/mail-rows.ts'
import { createMailer } from '../mail/mailer.ts'
import { SEND_MAIL, sendMailJob } from '../mail/send-mail-job.ts'
import { createMailTemplates } from '../mail/templates.ts'
import { createSealing } from '../sealing.ts'
import type { SignUpPolicy } from './sign-up-policy.ts'
import type { TokenLifetimes } from './tokens.ts'
import { type Accounts, createAccounts } from './accounts.ts'

export const EMAIL = 'Ada@Example.org'
export const PASSWORD = 'correct horse battery'
export const SECRET = 'a secret of at least 32 characters'
export const ISSUER = 'http://localhost:8080'

export const HOME = fromAddress('192.0.2.1')
export function fromAddress(ip: string): RequestOrigin {
  return { requestId: 'req_1', ip, userAgent: null, door: 'rest' }
}

/** The code of the AppError that it rejects with, or `ok`. */
export async function outcomeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'ok'
  } catch (error) {
    if (error instanceof AppError) return error.code
    throw error
  }
}

/** How often each outcome came. */
export async function tally(work: Iterable<Promise<unknown>>): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const outcome of await Promise.all(Array.from(work, outcomeOf))) counts[outcome] = (counts[outcome] ?? 0) + 1
  return counts
}

/** Of an account without a second factor. */
interface TestedAccounts extends Accounts {
  login(...given: Parameters<Accounts['login']>): Promise<Tokens>
  /** Of any account. */
  readonly signIn: Accounts['login']
}

/** The tokens of a sign-in that needed no second factor. */
export function tokensOf(result: SignInResult): Tokens {
  if ('challenge' in result) throw new Error(`a ${result.challenge} was asked for`)
  return result
}

const tested = (accounts: Accounts): TestedAccounts => ({
  ...accounts,
  signIn: (...given) => accounts.login(...given),
  login: async (...given) => tokensOf(await accounts.login(...given)),
})

export interface TestAccounts extends AsyncDisposable {
  readonly accounts: TestedAccounts
  readonly database: TestDatabase
  /** Of the one account there is. */
  readonly userId: UserId
  readonly now: () => number
  advance(ms: number): void
  /** Runs before an event is written; while it waits or when it rejects, so does the record. */
  beforeRecord: (event: NewAuditEvent) => Promise<void>
  /** `action outcome reason`, oldest first, without that of the administrator's making. */
  events(): Promise<string[]>
  /** Another process on the same database. */
  open(options?: {
    readonly database?: Database
    readonly secret?: string
    readonly signUp?: SignUpPolicy
    readonly lifetimes?: TokenLifetimes
  }): Promise<TestedAccounts>
  alive(accessToken: string): Promise<string>
  /** Newest first. */
  mails(): Promise<readonly { readonly to: string | null; readonly text: string }[]>
}

/** Accounts on a database of their own with one administrator in it. */
export async function testAccounts(): Promise<TestAccounts> {
  await using stack = new AsyncDisposableStack()
  const database = stack.use(await testDatabase())
  const logger = pino({ level: 'silent' })
  let time = Date.now()
  const now = (): number => time
  const log = createAuditLog({ sql: database.hot, logger, now })
  const audit = {
    async record(event: NewAuditEvent) {
      await self.beforeRecord(event)
      await log.record(event)
    },
  }
  const jobs = createJobs({ database, logger, now })
  const sealing = createSealing(SECRET, 'skycrate mails')
  jobs.register(SEND_MAIL, sendMailJob({ database, sealing, smtp: undefined }))
  const mailer = createMailer({ jobs, sealing, now })
  const open: TestAccounts['open'] = async (options = {}) =>
    tested(
      await createAccounts({
        database,
        audit,
        logger,
        now,
        issuer: ISSUER,
        browserSessions: { idleMinutes: 30, days: 30 },
        secret: SECRET,
        graceDays: 7,
        lifetimes: { accessSeconds: 1800, idSeconds: 3600, sessionDays: 30 },
        mailer,
        templates: createMailTemplates(ISSUER),
        signUp: { mode: 'closed', domains: [] },
        settled: () => Promise.resolve(),
        ...options,
      }),
    )
  const self = { beforeRecord: (_event: NewAuditEvent) => Promise.resolve() }
  const accounts = await open()
  await accounts.ensureFirstAdmin({ email: EMAIL, password: PASSWORD })
  const [row] = await database.query<{ user_id: UserId }>('select user_id from accounts')
  const everything = stack.move()
  return Object.assign(self, {
    accounts,
    database,
    userId: row!.user_id,
    now,
    advance: (ms: number) => void (time += ms),
    async events() {
      const rows = await database.query<{ event: string }>(
        `select concat_ws(' ', action, outcome, case when detail ? 'sessionId' then 'session' else reason end) as event
         from audit_events where action <> 'user.create' order by id`,
      )
      return rows.map(({ event }) => event)
    },
    open,
    async alive(accessToken: string) {
      const verdict = await accounts.verifier.verify(accessToken)
      return verdict.outcome === 'accepted' ? 'accepted' : verdict.reason
    },
    mails: () => listMails(database, sealing, { limit: 100, before: undefined }),
    [Symbol.asyncDispose]: () => everything.disposeAsync(),
  })
}

/** A promise that is resolved from outside, to hold something at a point. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { opened: promise, open: resolve }
}

/** Resolves once a statement of this database waits for a lock. */
export async function somebodyWaits(database: Database): Promise<void> {
  for (let tries = 0; tries < 2000; tries++) {
    const waiting = await database.hot.query(
      `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
    if (waiting.length > 0) return
    await sleep(5)
  }
  throw new Error('nobody waits for a lock')
}

/** The promise, but a test that waits in vain fails instead of hanging. */
export async function arriving<T>(promise: Promise<T>): Promise<T> {
  using stack = new DisposableStack()
  const { promise: late, reject } = Promise.withResolvers<never>()
  stack.adopt(
    setTimeout(() => reject(new Error('it did not come in ten seconds')), 10_000),
    clearTimeout,
  )
  return await Promise.race([promise, late])
}
