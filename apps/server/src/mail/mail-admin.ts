import type { MailState, MailTestResult, Outbox } from '@skycrate/contract/mail/schemas'
import { type ProblemCode, PROBLEMS } from '@skycrate/contract/problem'
import { createId, isId } from '@skycrate/core/naming/id'
import { randomBytes } from 'node:crypto'
import type { AuditLog } from '../audit/audit-event.ts'
import type { MailConfig } from '../config/mail.ts'
import type { Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import { createAttemptLimit } from '../limits/attempt-limit.ts'
import type { Sealing } from '../sealing.ts'
import type { ByUser } from '../users/users-options.ts'
import { parseMailAddress } from './mail-address.ts'
import { listMails } from './mail-rows.ts'
import type { Smtp } from './smtp.ts'
import type { MailTemplates } from './templates.ts'

/** Test mails of one administrator, and the milliseconds until there is one more. */
const TESTS = { burst: 10, refillMs: 60_000 }

/** What administrators do about mail. */
export interface MailAdmin {
  state(): Promise<MailState>
  /** Recorded: mails hold codes and links. @throws AppError `not-found` with an SMTP server, `invalid-cursor` */
  outbox(query: { readonly limit: number; readonly cursor?: string | undefined }, by: ByUser): Promise<Outbox>
  /**
   * @param to undefined: the administrator's own address
   * @throws AppError `conflict` without an SMTP server, `invalid-request`, `mail-refused`, `mail-unavailable`,
   * `too-many-requests`
   */
  test(to: string | undefined, by: ByUser & { readonly email: string | null }): Promise<MailTestResult>
}

export function createMailAdmin(use: {
  readonly database: Sql
  readonly audit: AuditLog
  readonly config: MailConfig
  readonly sealing: Sealing
  readonly smtp: Smtp | undefined
  readonly templates: MailTemplates
  readonly now: () => number
}): MailAdmin {
  const { database, audit, config, sealing, smtp, templates, now } = use
  const tests = createAttemptLimit(database, 'test-mails', TESTS)
  const { from } = config
  const event = { outcome: 'allow', bucket: null, key: null, reason: null } as const

  return {
    async state() {
      if (!smtp) {
        return { delivery: 'outbox', server: null, from, waiting: 0, failed: 0, lastSentAt: null, problem: null }
      }
      return { delivery: 'smtp', server: smtp.server, from, ...(await readState(database)) }
    },

    async outbox({ limit, cursor }, { userId, origin }) {
      if (smtp) throw new AppError('not-found', `There is no outbox: mails go to ${smtp.server}.`)
      if (cursor !== undefined && !isId('mai', cursor)) throw new AppError('invalid-cursor')
      const found = await listMails(database, sealing, { limit: limit + 1, before: cursor })
      const mails = found.slice(0, limit)
      const mailIds = mails.map(({ id }) => id)
      if (mails.length > 0) await audit.record({ ...event, action: 'mail.read', userId, detail: { mailIds }, origin })
      return {
        mails: mails.map(({ id, at, to, subject, text, expiresAt }) => ({
          id,
          at: at.toISOString(),
          to: to!,
          subject,
          text,
          expiresAt: expiresAt.toISOString(),
        })),
        nextCursor: found.length > mails.length ? mails.at(-1)!.id : null,
      }
    },

    async test(wish, { userId, email, origin }) {
      if (!smtp) throw new AppError('conflict', 'No SMTP server is configured: set SKYCRATE_SMTP_URL.')
      const to = parseMailAddress(wish ?? email ?? '')
      if (to === undefined) {
        throw new AppError('invalid-request', undefined, {
          errors: [{ path: '/to', message: wish === undefined ? 'is needed' : 'is no e-mail address' }],
        })
      }
      const retryAfter = await tests.take(userId, now())
      if (retryAfter > 0) throw new AppError('too-many-requests', undefined, { retryAfter })
      await audit.record({ ...event, action: 'mail.test', userId, detail: { to }, origin })
      const id = createId('mai', now(), randomBytes(10))
      return { to, response: await smtp.send({ id, to, at: new Date(now()), ...templates.test() }) }
    },
  }
}

interface StateRow {
  waiting: number
  failed: number
  sent_at: Date | null
  failed_at: Date | null
  problem_code: ProblemCode | null
  problem_detail: string | null
}

async function readState(sql: Sql): Promise<Pick<MailState, 'waiting' | 'failed' | 'lastSentAt' | 'problem'>> {
  const [row] = await sql.query<StateRow>(
    `select (select count(*) from jobs where kind = 'mail.send' and state in ('queued', 'running'))::int as waiting,
       (select count(*) from jobs where kind = 'mail.send' and state = 'failed'
         and updated_at > now() - interval '7 days')::int as failed,
       (select max(updated_at) from jobs where kind = 'mail.send' and state = 'done' and done = 1) as sent_at,
       p.updated_at as failed_at, p.problem_code, p.problem_detail
     from (select) one left join lateral (
       select updated_at, problem_code, problem_detail from jobs
       where kind = 'mail.send' and state in ('queued', 'running', 'failed') and problem_code is not null
       order by updated_at desc limit 1
     ) p on true`,
  )
  const { waiting, failed, sent_at: sentAt, failed_at: failedAt, problem_code: code, problem_detail: detail } = row!
  const isOver = failedAt === null || code === null || (sentAt !== null && sentAt >= failedAt)
  const { title } = PROBLEMS[code ?? 'internal']
  return {
    waiting,
    failed,
    lastSentAt: sentAt?.toISOString() ?? null,
    problem: isOver
      ? null
      : {
          at: failedAt.toISOString(),
          type: `/docs/errors/${code}`,
          title,
          code,
          ...(detail === null ? {} : { detail }),
        },
  }
}
