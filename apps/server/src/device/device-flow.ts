import type { DeviceAuthorization, WaitingDevice } from '@skycrate/contract/device/schemas'
import type { Tokens } from '@skycrate/contract/auth/schemas'
import type { UserId } from '@skycrate/core/naming/id'
import { changeRecorded } from '../access/record-change.ts'
import type { AccountContext } from '../accounts/account-context.ts'
import { issueTokens } from '../accounts/issue-tokens.ts'
import { placeOf, startSession } from '../accounts/sessions.ts'
import type { NewAuditEvent, RequestOrigin } from '../audit/audit-event.ts'
import type { Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import { addressGroup } from '../limits/address-group.ts'
import { createAttemptLimit } from '../limits/attempt-limit.ts'
import { findUser } from '../users/find-user.ts'
import { lockUser } from '../users/lock-user.ts'
import { noteSignIn } from '../users/note-sign-in.ts'
import {
  hashDeviceCode,
  newDeviceCode,
  newUserCode,
  parseDeviceCode,
  parseUserCode,
  showUserCode,
} from './device-codes.ts'

/** Seconds that somebody has to decide. */
const LASTS_SECONDS = 600
/** Seconds between two questions of a program; each that comes too early adds as many. */
const WAIT_SECONDS = 5
/** Requests that wait at once, of everybody. */
const MAX_WAITING = 10_000
const STARTS_OF_NETWORK = { burst: 30, refillMs: 10_000 }
/** Codes that nobody was given. They can't be guessed: the limit keeps a flood from the database. */
const BAD_DEVICE_CODES = { burst: 100, refillMs: 3_000 }
/** Codes that a person types and that are none, each of one person. */
const BAD_USER_CODES = { burst: 10, refillMs: 60_000 }

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:device_code'

/** Somebody who is signed in and decides. */
export interface Decider {
  readonly userId: UserId
  readonly amr: readonly string[]
  readonly issuer: string
  /** False for a machine, which signs in nobody. */
  readonly personal: boolean
}

/** Signing in a program by a code that somebody types elsewhere. @see RFC 8628 */
export interface DeviceFlow {
  /** @throws AppError `too-many-requests` */
  start(client: string, origin: RequestOrigin): Promise<DeviceAuthorization>
  /** Who asks by a code. @throws AppError `not-found`, `too-many-requests` */
  find(userCode: string, decider: Decider): Promise<WaitingDevice>
  /** Once for each code. @throws AppError `not-found`, `too-many-requests` */
  decide(userCode: string, allow: boolean, decider: Decider, origin: RequestOrigin): Promise<void>
  /**
   * A session of the person who allowed it, once.
   * @throws AppError `unsupported-grant-type`, `invalid-grant`, `authorization-pending`, `slow-down`, `access-denied`,
   * `device-code-expired`, `account-suspended`, `too-many-requests`
   */
  token(asked: { readonly grant_type: string; readonly device_code: string }, origin: RequestOrigin): Promise<Tokens>
  /** Forgets what has expired. */
  prune(): Promise<void>
}

interface Row {
  user_code: string
  client: string
  network: string
  user_agent: string | null
  created_at: Date
  expires_at: Date
  is_expired: boolean
  is_early: boolean
  allowed: boolean | null
  user_id: UserId | null
  amr: string[]
  issuer: string | null
}

const COLUMNS = `user_code, client, network, user_agent, created_at, expires_at, expires_at <= now() as is_expired,
  coalesce(asked_at > now() - make_interval(secs => wait_seconds), false) as is_early, allowed, user_id, amr, issuer`

/** @param options.publicUrl where the web app is */
export function createDeviceFlow(context: AccountContext, options: { readonly publicUrl: string }): DeviceFlow {
  const { database, now, sessionsEnded } = context
  const page = `${options.publicUrl.replace(/\/$/, '')}/device`
  const starts = createAttemptLimit(database, 'device-starts', STARTS_OF_NETWORK)
  const badDeviceCodes = createAttemptLimit(database, 'bad-device-codes', BAD_DEVICE_CODES)
  const badUserCodes = createAttemptLimit(database, 'bad-user-codes', BAD_USER_CODES)

  /** Counted before it is looked up: tries at once do not find the count low. */
  async function guarded<T>(userId: UserId, look: () => Promise<T | undefined>): Promise<T> {
    const retryAfter = await badUserCodes.take(userId, now())
    if (retryAfter > 0) throw new AppError('too-many-requests', 'Too many codes were wrong.', { retryAfter })
    const found = await look()
    if (found === undefined) {
      throw new AppError('not-found', 'No program waits with this code. Codes are valid for ten minutes, and once.')
    }
    await badUserCodes.giveBack(userId)
    return found
  }

  async function waiting(sql: Sql, text: string, lock = ''): Promise<Row | undefined> {
    const code = parseUserCode(text)
    if (code === undefined) return undefined
    const [row] = await sql.query<Row>(
      `select ${COLUMNS} from device_requests where user_code = $1 and allowed is null and expires_at > now() ${lock}`,
      [code],
    )
    return row
  }

  async function refuseUnknown(origin: RequestOrigin): Promise<never> {
    const retryAfter = await badDeviceCodes.take(addressGroup(origin.ip), now())
    if (retryAfter > 0) throw new AppError('too-many-requests', undefined, { retryAfter })
    throw new AppError('invalid-grant', 'This device code was used already, or never was one. Start again.')
  }

  return {
    async start(client, origin) {
      const { network, userAgent } = placeOf(origin)
      const retryAfter = await starts.take(network, now())
      if (retryAfter > 0) throw new AppError('too-many-requests', undefined, { retryAfter })
      const code = newDeviceCode()
      const userCode = newUserCode()
      const made = await database.query(
        `insert into device_requests (device_hash, user_code, client, network, user_agent, expires_at, wait_seconds)
         select $1, $2, $3, $4, $5, now() + make_interval(secs => $6::int), $7::int
         where (select count(*) from device_requests where expires_at > now()) < $8::int
         on conflict (user_code) do nothing returning 1`,
        [
          hashDeviceCode(code),
          userCode,
          client.toWellFormed(),
          network,
          userAgent,
          LASTS_SECONDS,
          WAIT_SECONDS,
          MAX_WAITING,
        ],
      )
      // Of 10,000 codes at once, one in 2.5 million meets another: then the program asks again, too.
      if (made.length === 0) {
        throw new AppError('too-many-requests', 'Too many programs wait to be signed in.', { retryAfter: 30 })
      }
      const shown = showUserCode(userCode)
      return {
        device_code: code,
        user_code: shown,
        verification_uri: page,
        verification_uri_complete: `${page}?code=${shown}`,
        expires_in: LASTS_SECONDS,
        interval: WAIT_SECONDS,
      }
    },

    async find(userCode, { userId }) {
      const row = await guarded(userId, () => waiting(database, userCode))
      return {
        client: row.client,
        network: row.network,
        userAgent: row.user_agent,
        createdAt: row.created_at.toISOString(),
        expiresAt: row.expires_at.toISOString(),
      }
    },

    async decide(userCode, allow, { userId, amr, issuer, personal }, origin) {
      if (!personal) throw new AppError('forbidden', 'Only a person may sign in a device.')
      await guarded(userId, () =>
        changeRecorded(context, async (tx, record) => {
          const row = await waiting(tx, userCode, 'for update')
          if (!row) return undefined
          await tx.query(
            'update device_requests set allowed = $2, user_id = $3, amr = $4, issuer = $5 where user_code = $1',
            [row.user_code, allow, userId, amr, issuer === options.publicUrl ? null : issuer],
          )
          await record(eventOf(allow ? 'auth.allow-device' : 'auth.refuse-device', userId, row, origin))
          return row
        }),
      )
    },

    async token(asked, origin) {
      if (asked.grant_type !== GRANT_TYPE)
        throw new AppError('unsupported-grant-type', `Only ${GRANT_TYPE} is one here.`)
      const code = parseDeviceCode(asked.device_code)
      if (!code) return refuseUnknown(origin)
      const hash = hashDeviceCode(code)
      const known = await database.query('select 1 from device_requests where device_hash = $1', [hash])
      if (known.length === 0) return refuseUnknown(origin)
      const answer = await database.transaction(async (tx) => {
        const [row] = await tx.query<Row>(`select ${COLUMNS} from device_requests where device_hash = $1 for update`, [
          hash,
        ])
        if (!row) return new AppError('invalid-grant', 'This device code was used already. Start again.')
        if (row.is_expired) return new AppError('device-code-expired', 'Nobody decided in time. Start again.')
        await tx.query(
          `update device_requests set asked_at = now(), wait_seconds = wait_seconds + $2::int where device_hash = $1`,
          [hash, row.is_early ? WAIT_SECONDS : 0],
        )
        if (row.is_early) return new AppError('slow-down', `Wait ${WAIT_SECONDS} seconds longer between two questions.`)
        const { allowed, user_id: userId } = row
        if (allowed === null || userId === null) return new AppError('authorization-pending', 'Nobody has decided yet.')
        await tx.query('delete from device_requests where device_hash = $1', [hash])
        if (!allowed) return new AppError('access-denied', 'The sign-in was refused.')
        await lockUser(tx, userId)
        if ((await findUser(tx, userId))?.state !== 'active') {
          return new AppError('account-suspended', 'Ask an administrator.')
        }
        await noteSignIn(tx, userId)
        const { amr, issuer } = row
        const session = await startSession(
          tx,
          userId,
          { ...placeOf(origin), amr, issuer, days: context.lifetimes.sessionDays },
          now(),
        )
        await context.events.allowed('auth.login', userId, { sessionId: session.sessionId, method: 'device' }, origin)
        return { ...session, userId }
      })
      if (answer instanceof AppError) throw answer
      if (answer.endedSessionIds.length > 0) sessionsEnded(answer.userId)
      return issueTokens(context, answer)
    },

    async prune() {
      // For a while, a program that comes late is told that it does.
      await database.query(`delete from device_requests where expires_at < now() - interval '1 hour'`)
    },
  }
}

function eventOf(
  action: 'auth.allow-device' | 'auth.refuse-device',
  userId: UserId,
  { client, network, user_agent: userAgent }: Row,
  origin: RequestOrigin,
): NewAuditEvent {
  return {
    action,
    outcome: 'allow',
    userId,
    targetUserId: userId,
    bucket: null,
    key: null,
    reason: null,
    detail: { client, network, ...(userAgent === null ? {} : { program: userAgent }) },
    origin,
  }
}
