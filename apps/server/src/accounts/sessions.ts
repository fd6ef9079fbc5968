import { randomBytes } from 'node:crypto'
import { createId, type SessionId, type UserId } from '@skycrate/core/naming/id'
import type { RequestOrigin } from '../audit/audit-event.ts'
import type { Database, Sql } from '../db/database.ts'
import { addressGroup } from '../limits/address-group.ts'
import type { UserState } from '../users/user.ts'
import { hashRefreshToken, newRefreshToken, type RefreshToken } from './refresh-token.ts'

/**
 * Seconds in which a used refresh token still gives its successor, while nobody has used that: two tabs of one browser
 * wake up together, and a client whose connection broke asks again. Otherwise a used token is a stolen one, and its
 * session ends.
 */
const REUSE_GRACE_SECONDS = 60

/** Sessions of one user at once; a sign-in beyond it ends the oldest. */
export const MAX_SESSIONS = 50

export interface StartedSession {
  readonly sessionId: SessionId
  readonly refreshToken: RefreshToken
  /** The oldest, where the user had as many as anybody may have. */
  readonly endedSessionIds: readonly SessionId[]
}

export interface Session {
  readonly userId: UserId
  readonly sessionId: SessionId
}

/** The app that a session is of, by its client id; null for SkyCrate's own. */
export type SessionClient = string | null

export type Refreshed =
  | (Session & {
      readonly outcome: 'refreshed'
      readonly refreshToken: RefreshToken
      readonly client: SessionClient
    })
  | { readonly outcome: 'refused'; readonly reason: 'unknown'; readonly userId: null }
  | {
      readonly outcome: 'refused'
      readonly reason: 'session-ended' | 'expired' | 'suspended' | 'other-client'
      readonly userId: UserId
    }
  /** A used token came back: the session is ended, whoever of the two was the thief. */
  | (Session & { readonly outcome: 'reused' })

interface Row {
  session_id: SessionId
  user_id: UserId
  used_seconds_ago: number | null
  revoked_at: Date | null
  is_expired: boolean
  state: UserState
  client: string | null
}

/** Where somebody signed in from, by which they recognise the session. */
export interface SignInPlace {
  /** As `addressGroup` names it. */
  readonly network: string
  readonly userAgent: string | null
}

export const placeOf = ({ ip, userAgent }: RequestOrigin): SignInPlace => ({ network: addressGroup(ip), userAgent })

/**
 * @param how where the user signed in from, by what (`amr`; see RFC 8176), and for how many days, counted from the sign-in and
 * not from the last use
 */
export async function startSession(
  tx: Sql,
  userId: UserId,
  how: SignInPlace & {
    readonly amr: readonly string[]
    /** Null for a built-in account. */ readonly issuer?: string | null
    readonly client?: SessionClient
    readonly days: number
  },
  now: number,
): Promise<StartedSession> {
  const sessionId = await insertSession(tx, userId, how, now)
  const refreshToken = newRefreshToken()
  await addRefreshToken(tx, sessionId, refreshToken)
  return { sessionId, refreshToken, endedSessionIds: await endOldestSessions(tx, userId) }
}

/** @param how where from and by what the user signed in, and the days that the session lasts at most */
export async function insertSession(
  tx: Sql,
  userId: UserId,
  how: SignInPlace & {
    readonly amr: readonly string[]
    readonly issuer?: string | null
    readonly client?: SessionClient
    readonly days: number
  },
  now: number,
): Promise<SessionId> {
  const sessionId = createId('ses', now, randomBytes(10))
  await tx.query(
    `insert into sessions (id, user_id, address, user_agent, amr, issuer, client, last_used_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, now(), now() + make_interval(days => $8::int))`,
    [sessionId, userId, how.network, how.userAgent, how.amr, how.issuer ?? null, how.client ?? null, how.days],
  )
  return sessionId
}

/** Deleted with their tokens, so that sign-ins in a loop do not fill the disk; notifies as `endSession` does. */
export async function endOldestSessions(tx: Sql, userId: UserId): Promise<SessionId[]> {
  const ended = await tx.query<{ id: SessionId }>(
    `delete from sessions where id in (
       select id from sessions where user_id = $1 and revoked_at is null order by created_at desc, id desc offset $2
     ) returning id`,
    [userId, MAX_SESSIONS],
  )
  if (ended.length > 0) await tx.query(`select pg_notify('skycrate_users', $1)`, [userId])
  return ended.map(({ id }) => id)
}

async function addRefreshToken(tx: Sql, sessionId: SessionId, token: RefreshToken): Promise<void> {
  await tx.query('insert into refresh_tokens (hash, session_id) values ($1, $2)', [hashRefreshToken(token), sessionId])
}

/** Whether there was a session from this network; known as long as sessions are kept. */
export async function hasSignedInFrom(sql: Sql, userId: UserId, address: string): Promise<boolean> {
  const found = await sql.query('select 1 from sessions where user_id = $1 and address = $2 limit 1', [userId, address])
  return found.length > 0
}

/**
 * Trades a refresh token for the next one of its session.
 * @param client whose session it has to be; undefined: anybody's
 * @param record called before the exchange counts; when it rejects, the token is as good as before
 */
export async function refreshSession(
  database: Database,
  token: RefreshToken,
  {
    client,
    successorOf,
  }: {
    readonly client: string | undefined
    readonly successorOf: (token: RefreshToken) => RefreshToken
  },
  record: (session: Session) => Promise<void>,
): Promise<Refreshed> {
  const hash = hashRefreshToken(token)
  // What nobody was ever given costs one read and no transaction.
  const known = await database.hot.query('select 1 from refresh_tokens where hash = $1', [hash], 'refresh-token-known')
  if (known.length === 0) return { outcome: 'refused', reason: 'unknown', userId: null }
  return database.transaction(async (tx) => {
    const [row] = await tx.query<Row>(
      `select r.session_id, s.user_id, s.revoked_at, s.expires_at <= now() as is_expired, s.client, u.state,
         extract(epoch from now() - r.used_at)::float8 as used_seconds_ago
       from refresh_tokens r join sessions s on s.id = r.session_id join users u on u.id = s.user_id
       where r.hash = $1 for update of r, s`,
      [hash],
    )
    if (!row) return { outcome: 'refused', reason: 'unknown', userId: null }
    const { session_id: sessionId, user_id: userId } = row
    if (client !== undefined && row.client !== client) return { outcome: 'refused', reason: 'other-client', userId }
    if (row.revoked_at !== null) return { outcome: 'refused', reason: 'session-ended', userId }
    if (row.is_expired) return { outcome: 'refused', reason: 'expired', userId }
    const next = successorOf(token)
    const { used_seconds_ago: usedSecondsAgo } = row
    const isFirstUse = usedSecondsAgo === null
    if (!isFirstUse && !(usedSecondsAgo <= REUSE_GRACE_SECONDS && (await isUnused(tx, next)))) {
      await endSession(tx, sessionId)
      return { outcome: 'reused', userId, sessionId }
    }
    if (row.state !== 'active') return { outcome: 'refused', reason: 'suspended', userId }
    if (isFirstUse) {
      await tx.query('update refresh_tokens set used_at = now() where hash = $1', [hash])
      await addRefreshToken(tx, sessionId, next)
      await tx.query('update sessions set last_used_at = now() where id = $1', [sessionId])
    }
    await record({ userId, sessionId })
    return { outcome: 'refreshed', userId, sessionId, refreshToken: next, client: row.client }
  })
}

/** The session's lock is held, so no other refresh changes the answer. */
async function isUnused(tx: Sql, token: RefreshToken): Promise<boolean> {
  const found = await tx.query('select 1 from refresh_tokens where hash = $1 and used_at is null', [
    hashRefreshToken(token),
  ])
  return found.length > 0
}

/**
 * Ends the session that a refresh token is of, while it lasts.
 * @param client whose session it has to be; undefined: anybody's
 * @returns undefined where there is none to end
 * @param record called before the end counts; when it rejects, the session goes on and may be ended again
 */
export async function endSessionOf(
  database: Database,
  token: RefreshToken,
  client: string | undefined,
  record: (session: Session) => Promise<void>,
): Promise<(Session & { readonly outcome: 'ended' | 'other-client' }) | undefined> {
  return database.transaction(async (tx) => {
    const [row] = await tx.query<{ session_id: SessionId; user_id: UserId; client: SessionClient }>(
      `select s.id as session_id, s.user_id, s.client from refresh_tokens r join sessions s on s.id = r.session_id
       where r.hash = $1 and s.revoked_at is null and s.expires_at > now() for update of s`,
      [hashRefreshToken(token)],
    )
    if (!row) return undefined
    const session = { userId: row.user_id, sessionId: row.session_id }
    if (client !== undefined && row.client !== client) return { ...session, outcome: 'other-client' }
    await endSession(tx, session.sessionId)
    await record(session)
    return { ...session, outcome: 'ended' }
  })
}

/** When and how the user of a session proved who they are. */
export interface SessionProof {
  /** Milliseconds since the epoch. */
  readonly authenticatedAt: number
  /** See RFC 8176. */
  readonly amr: readonly string[]
  /** Through which issuer they had signed in; null for a built-in account. */
  readonly issuer: string | null
  readonly client: SessionClient
}

/** Undefined for a session that is over. */
export async function findLiveSession(
  sql: Sql,
  sessionId: SessionId,
  userId: UserId,
): Promise<SessionProof | undefined> {
  const [row] = await sql.query<{ auth_time: Date; amr: string[]; issuer: string | null; client: SessionClient }>(
    `select auth_time, amr, issuer, client from sessions
     where id = $1 and user_id = $2 and revoked_at is null and expires_at > now()`,
    [sessionId, userId],
    'session-live',
  )
  if (!row) return undefined
  const { auth_time: time, amr, issuer, client } = row
  return { authenticatedAt: time.getTime(), amr, issuer, client }
}

/** Its user has proven more than at the sign-in. */
export async function strengthenSession(tx: Sql, sessionId: SessionId, amr: readonly string[]): Promise<void> {
  await tx.query('update sessions set amr = $2, auth_time = now() where id = $1', [sessionId, amr])
}

/**
 * Notifies with the commit, so that no process misses an end that counts, or hears of one that does not.
 * @returns whether it was going on until now
 */
export async function endSession(tx: Sql, sessionId: SessionId): Promise<boolean> {
  const ended = await tx.query(
    `with ended as (
       update sessions set revoked_at = now() where id = $1 and revoked_at is null returning user_id
     ) select pg_notify('skycrate_users', user_id) from ended`,
    [sessionId],
  )
  return ended.length > 0
}

/** All of a user's; notifies as `endSession` does. */
export async function endSessionsOf(tx: Sql, userId: UserId): Promise<void> {
  await tx.query('update sessions set revoked_at = now() where user_id = $1 and revoked_at is null', [userId])
  await tx.query(`select pg_notify('skycrate_users', $1)`, [userId])
}
