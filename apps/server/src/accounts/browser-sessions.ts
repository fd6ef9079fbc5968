import type { SessionId, UserId } from '@skycrate/core/naming/id'
import type { RequestOrigin } from '../audit/audit-event.ts'
import { AppError } from '../errors/app-error.ts'
import type { AccountContext } from './account-context.ts'
import { type BrowserToken, hashBrowserToken, newBrowserToken, parseBrowserToken } from './browser-token.ts'
import { hashRefreshToken, parseRefreshToken } from './refresh-token.ts'
import { endSession } from './sessions.ts'

export interface BrowserSessionLimits {
  /** Minutes without use after which a session ends. */
  readonly idleMinutes: number
  /** Days after the sign-in when a session ends, used or not. */
  readonly days: number
}

/** A session as its browser is given it. */
export interface OpenedBrowserSession {
  readonly token: BrowserToken
  readonly expiresAt: Date
}

export interface BrowserSession {
  readonly sessionId: SessionId
  readonly userId: UserId
  /** Null for a built-in account. */
  readonly issuer: string | null
  /** Of the issuer, as its last token of this user named them. */
  readonly groups: readonly string[]
  /** Whether the issuer's claims made the user an administrator at this sign-in. */
  readonly claimsAdmin: boolean
  /** As of every session: see `SessionProof`. */
  readonly authenticatedAt: number
  readonly amr: readonly string[]
  /** Milliseconds for which the session needs no other look: then its use is noted again. */
  readonly goodForMs: number
}

export type BrowserSessionRefusal = 'malformed' | 'no-such-session' | 'session-ended' | 'idle' | 'expired'

/** Sessions that a browser holds by a cookie, whichever way their users signed in. */
export interface BrowserSessions {
  /**
   * Makes the session of a refresh token that nobody has seen a browser's: the refresh token is good no more.
   * @throws AppError `invalid-token`
   */
  carry(refreshToken: string): Promise<OpenedBrowserSession>
  /** Whose session it is. Its use is noted, once a minute at most. @throws AppError `database-unavailable` */
  find(token: string): Promise<BrowserSession | { readonly refused: BrowserSessionRefusal }>
  /** Ends it, while it lasts. Resolves once every process refuses it. */
  end(token: string, origin: RequestOrigin): Promise<void>
}

/** Milliseconds between two notes that a session is used, at least. */
const NOTE_EVERY_MS = 60_000

interface Row {
  id: SessionId
  user_id: UserId
  issuer: string | null
  claims_admin: boolean
  auth_time: Date
  amr: string[]
  is_revoked: boolean
  is_expired: boolean
  expires_in_ms: number
  idle_ms: number
  groups: string[]
}

const FIND = `
  select s.id, s.user_id, s.issuer, s.claims_admin, s.auth_time, s.amr, s.revoked_at is not null as is_revoked,
    s.expires_at <= now() as is_expired,
    (extract(epoch from s.expires_at - now()) * 1000)::float8 as expires_in_ms,
    (extract(epoch from now() - s.last_used_at) * 1000)::float8 as idle_ms,
    array(
      select g.name from group_members m join groups g on g.id = m.group_id
      where m.user_id = s.user_id and m.from_claims and g.issuer = s.issuer
    ) as groups
  from sessions s where s.browser_hash = $1`

/** Of processes that note it at once, one does. */
const NOTE_USE = `
  update sessions set last_used_at = now()
  where id = $1 and last_used_at < now() - interval '1 minute' and revoked_at is null`

const CARRY = `
  with held as (delete from refresh_tokens where hash = $1 and used_at is null returning session_id)
  update sessions s set browser_hash = $2, last_used_at = now(),
    expires_at = s.created_at + make_interval(days => $3::int)
  from held where s.id = held.session_id and s.revoked_at is null and s.browser_hash is null
  returning s.expires_at`

export function createBrowserSessions(context: AccountContext, limits: BrowserSessionLimits): BrowserSessions {
  const { database, events, sessionsEnded, settled } = context
  const idleLimitMs = limits.idleMinutes * 60_000

  return {
    async carry(refreshToken) {
      const held = parseRefreshToken(refreshToken)
      const token = newBrowserToken()
      const [row] = held
        ? await database.query<{ expires_at: Date }>(CARRY, [
            hashRefreshToken(held),
            hashBrowserToken(token),
            limits.days,
          ])
        : []
      if (!row) throw new AppError('invalid-token', 'Sign in again.')
      return { token, expiresAt: row.expires_at }
    },

    async find(text) {
      const token = parseBrowserToken(text)
      if (!token) return { refused: 'malformed' }
      const [row] = await database.query<Row>(FIND, [hashBrowserToken(token)], 'browser-session')
      if (!row) return { refused: 'no-such-session' }
      if (row.is_revoked) return { refused: 'session-ended' }
      if (row.is_expired) return { refused: 'expired' }
      if (row.idle_ms >= idleLimitMs) return { refused: 'idle' }
      const isNoteDue = row.idle_ms >= NOTE_EVERY_MS
      if (isNoteDue) await database.query(NOTE_USE, [row.id], 'browser-session-use')
      return {
        sessionId: row.id,
        userId: row.user_id,
        issuer: row.issuer,
        groups: row.groups,
        claimsAdmin: row.claims_admin,
        authenticatedAt: row.auth_time.getTime(),
        amr: row.amr,
        goodForMs: Math.min(row.expires_in_ms, NOTE_EVERY_MS - (isNoteDue ? 0 : Math.max(0, row.idle_ms))),
      }
    },

    async end(text, origin) {
      const token = parseBrowserToken(text)
      if (!token) return
      const ended = await database.transaction(async (tx) => {
        const [row] = await tx.query<{ id: SessionId; user_id: UserId }>(
          `select id, user_id from sessions
           where browser_hash = $1 and revoked_at is null and expires_at > now() for update`,
          [hashBrowserToken(token)],
        )
        if (!row) return undefined
        await endSession(tx, row.id)
        await events.allowed('auth.logout', row.user_id, { sessionId: row.id }, origin)
        return row
      })
      if (!ended) return
      sessionsEnded(ended.user_id)
      await settled()
    },
  }
}
