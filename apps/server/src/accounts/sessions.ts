import { createHash, randomBytes } from 'node:crypto'
import { createId, type SessionId, type UserId } from '@skycrate/core/naming/id'
import type { Database, Sql } from '../db/database.ts'

/** Days that a session lasts, counted from the sign-in and not from its last use. */
const SESSION_DAYS = 30
/**
 * Seconds in which a refresh token may be used once more: two tabs of one browser wake up together, and a client whose
 * connection broke asks again. Afterwards a used token is a stolen one, and its session ends.
 */
const REUSE_GRACE_SECONDS = 10

const PREFIX = 'skyr_'

export type Refreshed =
  | {
      readonly outcome: 'refreshed'
      readonly userId: UserId
      readonly sessionId: SessionId
      readonly refreshToken: string
    }
  | { readonly outcome: 'refused'; readonly reason: 'unknown' | 'expired' | 'suspended' }
  /** A used token came back: the session is ended, whoever of the two was the thief. */
  | { readonly outcome: 'reused'; readonly userId: UserId; readonly sessionId: SessionId }

interface Row {
  session_id: SessionId
  user_id: UserId
  used_seconds_ago: number | null
  revoked_at: Date | null
  is_expired: boolean
  state: 'active' | 'suspended'
}

/** Opaque, 256 bits of randomness; only its hash is stored. */
function newRefreshToken(): { token: string; hash: Buffer } {
  const token = PREFIX + randomBytes(32).toString('base64url')
  return { token, hash: hashOf(token) }
}

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest()

export async function startSession(
  sql: Sql,
  userId: UserId,
  now: number,
): Promise<{ sessionId: SessionId; refreshToken: string }> {
  const sessionId = createId('ses', now, randomBytes(10))
  await sql.query(
    `insert into sessions (id, user_id, expires_at) values ($1, $2, now() + make_interval(days => $3::int))`,
    [sessionId, userId, SESSION_DAYS],
  )
  return { sessionId, refreshToken: await addRefreshToken(sql, sessionId) }
}

async function addRefreshToken(sql: Sql, sessionId: SessionId): Promise<string> {
  const { token, hash } = newRefreshToken()
  await sql.query('insert into refresh_tokens (hash, session_id) values ($1, $2)', [hash, sessionId])
  return token
}

/**
 * Trades a refresh token for the next one of its session.
 * @param record called before the exchange counts; when it rejects, the token is as good as before
 */
export async function refreshSession(
  database: Database,
  refreshToken: string,
  record: (session: { userId: UserId; sessionId: SessionId }) => Promise<void>,
): Promise<Refreshed> {
  return database.transaction(async (tx) => {
    const hash = hashOf(refreshToken)
    const [row] = await tx.query<Row>(
      `select r.session_id, s.user_id, s.revoked_at, s.expires_at <= now() as is_expired, u.state,
         extract(epoch from now() - r.used_at)::float8 as used_seconds_ago
       from refresh_tokens r join sessions s on s.id = r.session_id join users u on u.id = s.user_id
       where r.hash = $1 for update of r, s`,
      [hash],
    )
    if (!row || row.revoked_at !== null) return { outcome: 'refused', reason: 'unknown' }
    if (row.is_expired) return { outcome: 'refused', reason: 'expired' }
    const { session_id: sessionId, user_id: userId } = row
    if (row.used_seconds_ago !== null && row.used_seconds_ago > REUSE_GRACE_SECONDS) {
      await endSession(tx, sessionId)
      return { outcome: 'reused', userId, sessionId }
    }
    if (row.state === 'suspended') return { outcome: 'refused', reason: 'suspended' }
    await tx.query('update refresh_tokens set used_at = coalesce(used_at, now()) where hash = $1', [hash])
    const next = await addRefreshToken(tx, sessionId)
    await record({ userId, sessionId })
    return { outcome: 'refreshed', userId, sessionId, refreshToken: next }
  })
}

/** Whose session a refresh token is of, while the session lasts. */
export async function findSessionOf(
  sql: Sql,
  refreshToken: string,
): Promise<{ userId: UserId; sessionId: SessionId } | undefined> {
  const [row] = await sql.query<{ session_id: SessionId; user_id: UserId }>(
    `select r.session_id, s.user_id from refresh_tokens r join sessions s on s.id = r.session_id
     where r.hash = $1 and s.revoked_at is null and s.expires_at > now()`,
    [hashOf(refreshToken)],
  )
  return row && { userId: row.user_id, sessionId: row.session_id }
}

export async function isSessionAlive(sql: Sql, sessionId: SessionId, userId: UserId): Promise<boolean> {
  const found = await sql.query(
    `select 1 from sessions where id = $1 and user_id = $2 and revoked_at is null and expires_at > now()`,
    [sessionId, userId],
    'session-alive',
  )
  return found.length > 0
}

export async function endSession(sql: Sql, sessionId: SessionId): Promise<void> {
  await sql.query('update sessions set revoked_at = now() where id = $1 and revoked_at is null', [sessionId])
}

export async function endSessionsOf(sql: Sql, userId: UserId): Promise<void> {
  await sql.query('update sessions set revoked_at = now() where user_id = $1 and revoked_at is null', [userId])
}
