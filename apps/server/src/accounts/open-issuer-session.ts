import type { UserId } from '@skycrate/core/naming/id'
import type { RequestOrigin } from '../audit/audit-event.ts'
import { AppError } from '../errors/app-error.ts'
import { createAttemptLimit } from '../limits/attempt-limit.ts'
import type { Sealing } from '../sealing.ts'
import { lockUser } from '../users/lock-user.ts'
import { noteSignIn } from '../users/note-sign-in.ts'
import { findUser } from '../users/find-user.ts'
import type { AccountContext } from './account-context.ts'
import type { OpenedBrowserSession } from './browser-sessions.ts'
import { hashBrowserToken, newBrowserToken } from './browser-token.ts'
import { SIGN_INS } from './open-session.ts'
import { endOldestSessions, insertSession, placeOf } from './sessions.ts'

/** A sign-in at an issuer that was checked. */
export interface IssuerSignIn {
  readonly issuer: string
  readonly subject: string
  /** The session there (`sid`), where the issuer names it. */
  readonly issuerSession: string | null
  readonly isAdmin: boolean
  /** As RFC 8176 names them. */
  readonly amr: readonly string[]
  /** When they proved it there, in milliseconds since the epoch; null where the issuer does not say: now. */
  readonly authenticatedAt: number | null
  readonly idToken: string
}

export type IssuerSessionOpener = (
  userId: UserId,
  signIn: IssuerSignIn,
  origin: RequestOrigin,
) => Promise<OpenedBrowserSession>

/** Characters of an ID token that is kept for the sign-out. */
const MAX_ID_TOKEN = 8192

/**
 * Starts browser sessions of users who signed in at an issuer; they need no account here.
 * @throws AppError `account-suspended`, `too-many-requests`, `audit-unavailable`, `database-unavailable`
 */
export function createIssuerSessionOpener(
  context: AccountContext,
  days: number,
  sealing: Sealing,
): IssuerSessionOpener {
  const { database, events, now, sessionsEnded } = context
  const signIns = createAttemptLimit(database, 'sign-ins', SIGN_INS)

  return async (userId, { issuer, subject, issuerSession, isAdmin, amr, authenticatedAt, idToken }, origin) => {
    const retryAfter = await signIns.take(userId, now())
    if (retryAfter > 0) {
      await events.denied('auth.login', userId, 'throttled', origin)
      throw new AppError('too-many-requests', 'This account signs in too often.', { retryAfter })
    }
    const token = newBrowserToken()
    const opened = await database.transaction(async (tx) => {
      await lockUser(tx, userId)
      // Perhaps suspended since the issuer was asked.
      if ((await findUser(tx, userId))?.state !== 'active') return undefined
      await noteSignIn(tx, userId)
      const sessionId = await insertSession(tx, userId, { ...placeOf(origin), amr, days }, now())
      const sealed = idToken.length <= MAX_ID_TOKEN ? sealing.seal(sessionId, idToken) : null
      const [row] = await tx.query<{ expires_at: Date }>(
        `update sessions set browser_hash = $2, issuer = $3, subject = $4, issuer_session = $5, claims_admin = $6,
           sealed_id_token = $7, auth_time = least(auth_time, to_timestamp($8::float8 / 1000))
         where id = $1 returning expires_at`,
        [sessionId, hashBrowserToken(token), issuer, subject, issuerSession, isAdmin, sealed, authenticatedAt],
      )
      const endedSessionIds = await endOldestSessions(tx, userId)
      const ended = endedSessionIds.length > 0 ? { endedSessionIds } : {}
      await events.allowed('auth.login', userId, { sessionId, method: 'issuer', issuer, ...ended }, origin)
      return { expiresAt: row!.expires_at, endedSessionIds }
    })
    if (!opened) {
      await events.denied('auth.login', userId, 'suspended', origin)
      throw new AppError('account-suspended', 'Ask an administrator.')
    }
    if (opened.endedSessionIds.length > 0) sessionsEnded(userId)
    return { token, expiresAt: opened.expiresAt }
  }
}
