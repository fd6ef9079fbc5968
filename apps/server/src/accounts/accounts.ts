import { randomBytes } from 'node:crypto'
import type { Tokens } from '@skycrate/contract/schemas'
import type { SessionId, UserId } from '@skycrate/core/naming/id'
import type { FastifyBaseLogger } from 'fastify'
import type { AuditAction, AuditLog, RequestOrigin } from '../audit/audit-event.ts'
import type { Database } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import {
  findAccountByEmail,
  findAccountOf,
  findAdminEmail,
  insertAccount,
  noteSignIn,
  setPasswordHash,
} from './account-rows.ts'
import { createAttemptLimit } from './attempt-limit.ts'
import { hashPassword, verifyPassword } from './password.ts'
import { endSession, endSessionsOf, findSessionOf, isSessionAlive, refreshSession, startSession } from './sessions.ts'
import { loadSigningKeys } from './signing-keys.ts'
import { ACCESS_TOKEN_SECONDS, createAccessTokens } from './tokens.ts'

/** Verifies SkyCrate's own access tokens. */
export interface OwnTokenVerifier {
  /** As in their `iss`. */
  readonly issuer: string
  verify(token: string): Promise<
    | {
        readonly outcome: 'accepted'
        readonly userId: UserId
        readonly sessionId: SessionId
        readonly expiresAt: number
      }
    | { readonly outcome: 'refused'; readonly reason: 'expired' | 'not-ours' | 'session-ended' }
  >
}

export interface FirstAdmin {
  readonly email: string
  readonly created: boolean
  /** Only where it was made up here; it is stored nowhere. */
  readonly password?: string
}

/** Built-in accounts. Whatever is asked is in the audit log before its answer leaves. */
export interface Accounts {
  /** @throws AppError `invalid-credentials`, `account-suspended`, `too-many-requests` */
  login(email: string, password: string, origin: RequestOrigin): Promise<Tokens>
  /** @throws AppError `invalid-token`, `token-expired`, `account-suspended` */
  refresh(refreshToken: string, origin: RequestOrigin): Promise<Tokens>
  /** A token that is none, or whose session has ended, is fine. */
  logout(refreshToken: string, origin: RequestOrigin): Promise<void>
  /** Ends every session of the account. @throws AppError `invalid-credentials` */
  changePassword(userId: UserId, current: string, next: string, origin: RequestOrigin): Promise<void>
  /** Makes an administrator where no account is one, with the password given or a made-up one. */
  ensureFirstAdmin(options: { readonly email: string; readonly password: string | undefined }): Promise<FirstAdmin>
  /** The public keys, for whoever verifies SkyCrate's tokens. */
  jwks(): Promise<object>
  readonly verifier: OwnTokenVerifier
  /** Calls back when sessions of a user ended in this process; others hear it on the channel `skycrate_users`. */
  onSessionsEnded(listener: (userId: UserId) => void): void
}

/** Failed attempts on one account, and from one address, before the next must wait. */
const MAX_FAILURES_PER_ACCOUNT = 10
const MAX_FAILURES_PER_ADDRESS = 100
const FAILURE_WINDOW_MS = 5 * 60_000

export async function createAccounts(options: {
  readonly database: Database
  readonly audit: AuditLog
  readonly logger: FastifyBaseLogger
  readonly now: () => number
  /** The `iss` of the access tokens. */
  readonly issuer: string
  /** Seals the private keys in the database. */
  readonly secret: string
}): Promise<Accounts> {
  const { database, audit, logger, now, issuer } = options
  const keys = await loadSigningKeys(database, options.secret, now)
  const tokens = createAccessTokens(keys, issuer, now)
  const perAccount = createAttemptLimit(MAX_FAILURES_PER_ACCOUNT, FAILURE_WINDOW_MS)
  const perAddress = createAttemptLimit(MAX_FAILURES_PER_ADDRESS, FAILURE_WINDOW_MS)
  const listeners: ((userId: UserId) => void)[] = []

  const record = (
    action: AuditAction,
    outcome: 'allow' | 'deny',
    userId: UserId | null,
    reason: string | null,
    origin: RequestOrigin,
  ): Promise<void> => audit.record({ action, outcome, userId, bucket: null, key: null, reason, origin })

  async function answer(userId: UserId, sessionId: SessionId, refreshToken: string): Promise<Tokens> {
    return {
      access_token: await tokens.sign(userId, sessionId),
      token_type: 'Bearer',
      expires_in: ACCESS_TOKEN_SECONDS,
      refresh_token: refreshToken,
    }
  }

  /** Cached tokens of the user are looked at again, here at once and elsewhere as soon as they hear. */
  async function sessionsEnded(userId: UserId): Promise<void> {
    for (const listener of listeners) listener(userId)
    await database.query(`select pg_notify('skycrate_users', $1)`, [userId])
  }

  /** One answer for a wrong password and an unknown e-mail, in the same time. */
  async function checkPassword(email: string, password: string, origin: RequestOrigin) {
    const name = email.toLowerCase()
    const address = origin.ip ?? ''
    const wait = Math.max(perAccount.secondsToWait(name, now()), perAddress.secondsToWait(address, now()))
    if (wait > 0) {
      throw new AppError('too-many-requests', 'Too many attempts failed; wait before the next.', { retryAfter: wait })
    }
    // Counted before it is checked, or a burst of parallel attempts would all find the count low.
    perAccount.failed(name, now())
    perAddress.failed(address, now())
    const account = email.includes('\0') ? undefined : await findAccountByEmail(database, email)
    if (await verifyPassword(account?.passwordHash, password)) {
      perAccount.succeeded(name)
      perAddress.forgive(address)
      return account!
    }
    await record('auth.login', 'deny', account?.userId ?? null, account ? 'wrong-password' : 'unknown-email', origin)
    throw new AppError('invalid-credentials')
  }

  return {
    async login(email, password, origin) {
      const account = await checkPassword(email, password, origin)
      const { userId } = account
      if (account.state === 'suspended') {
        await record('auth.login', 'deny', userId, 'suspended', origin)
        throw new AppError('account-suspended', 'Ask an administrator.')
      }
      const session = await database.transaction(async (tx) => {
        await noteSignIn(tx, userId)
        const started = await startSession(tx, userId, now())
        await record('auth.login', 'allow', userId, started.sessionId, origin)
        return started
      })
      return answer(userId, session.sessionId, session.refreshToken)
    },

    async refresh(refreshToken, origin) {
      // Recorded inside the exchange: a log that cannot be written must not use the token up.
      const result = await refreshSession(database, refreshToken, ({ userId, sessionId }) =>
        record('auth.refresh', 'allow', userId, sessionId, origin),
      )
      switch (result.outcome) {
        case 'refreshed':
          return answer(result.userId, result.sessionId, result.refreshToken)
        case 'reused':
          logger.warn({ userId: result.userId }, 'a used refresh token came back; its session is ended')
          await sessionsEnded(result.userId)
          await record('auth.refresh', 'deny', result.userId, 'reused', origin)
          throw new AppError('invalid-token', 'Sign in again.')
        case 'refused':
          await record('auth.refresh', 'deny', null, result.reason, origin)
          if (result.reason === 'suspended') throw new AppError('account-suspended', 'Ask an administrator.')
          throw new AppError(result.reason === 'expired' ? 'token-expired' : 'invalid-token', 'Sign in again.')
      }
    },

    async logout(refreshToken, origin) {
      const session = await findSessionOf(database, refreshToken)
      if (!session) return
      await endSession(database, session.sessionId)
      await sessionsEnded(session.userId)
      await record('auth.logout', 'allow', session.userId, session.sessionId, origin)
    },

    async changePassword(userId, current, next, origin) {
      const account = await findAccountOf(database, userId)
      const wait = perAccount.secondsToWait(userId, now())
      if (wait > 0) {
        throw new AppError('too-many-requests', 'Too many attempts failed; wait before the next.', { retryAfter: wait })
      }
      if (!(await verifyPassword(account?.passwordHash, current))) {
        perAccount.failed(userId, now())
        await record('auth.change-password', 'deny', userId, account ? 'wrong-password' : 'no-account', origin)
        throw new AppError('invalid-credentials', 'The current password is wrong.')
      }
      const passwordHash = await hashPassword(next)
      await record('auth.change-password', 'allow', userId, null, origin)
      await database.transaction(async (tx) => {
        await setPasswordHash(tx, userId, passwordHash)
        await endSessionsOf(tx, userId)
      })
      perAccount.succeeded(userId)
      await sessionsEnded(userId)
    },

    async ensureFirstAdmin({ email, password }) {
      // 20 characters of 64: what is made up here outlasts any guessing.
      const chosen = password ?? randomBytes(15).toString('base64url')
      const passwordHash = await hashPassword(chosen)
      return database.transaction(async (tx) => {
        await tx.query(`select pg_advisory_xact_lock(hashtextextended('skycrate.first-admin', 0))`)
        const existing = await findAdminEmail(tx)
        if (existing !== undefined) return { email: existing, created: false }
        if (await findAccountByEmail(tx, email)) {
          throw new Error(`the account ${email} is no administrator; set SKYCRATE_ADMIN_EMAIL to another`)
        }
        const userId = await insertAccount(tx, { email, name: 'Administrator', isAdmin: true, passwordHash }, now())
        const origin = { requestId: 'start', ip: null, userAgent: null }
        await record('user.create', 'allow', userId, 'first-administrator', origin)
        return { email, created: true, ...(password === undefined ? { password: chosen } : {}) }
      })
    },

    jwks: () => Promise.resolve({ keys: keys.publicJwks }),

    verifier: {
      issuer,
      async verify(token) {
        const verdict = await tokens.verify(token)
        if ('refused' in verdict) return { outcome: 'refused', reason: verdict.refused }
        const alive = await isSessionAlive(database, verdict.sessionId, verdict.userId)
        return alive ? { outcome: 'accepted', ...verdict } : { outcome: 'refused', reason: 'session-ended' }
      },
    },

    onSessionsEnded: (listener) => void listeners.push(listener),
  }
}
