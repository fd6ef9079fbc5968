import { randomBytes } from 'node:crypto'
import type { AuditActionOf, AuditDetails } from '@skycrate/contract/audit-actions'
import type { Tokens } from '@skycrate/contract/auth/schemas'
import type { SessionId, UserId } from '@skycrate/core/naming/id'
import type { FastifyBaseLogger } from 'fastify'
import { type AuditLog, byProcess, type RequestOrigin } from '../audit/audit-event.ts'
import type { Database } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import { addressGroup } from '../limits/address-group.ts'
import { createAttemptLimit } from '../limits/attempt-limit.ts'
import { noteSignIn } from '../users/note-sign-in.ts'
import {
  type Account,
  findAccountByEmail,
  findAccountOf,
  findAdminEmail,
  insertAccount,
  lockAccountOf,
  replacePasswordHash,
} from './account-rows.ts'
import { checkNewPassword, passwordProblem, requireWellFormed } from './new-password.ts'
import { openPasswords, type Passwords } from './password.ts'
import { createPasswordLinks, type PasswordLinks } from './password-links.ts'
import { parseRefreshToken, successorsUnder } from './refresh-token.ts'
import {
  endSessionOf,
  endSessionsOf,
  hasSignedInFrom,
  isSessionAlive,
  refreshSession,
  startSession,
} from './sessions.ts'
import { createSignInGuard } from './sign-in-guard.ts'
import { openSigningKeys } from './signing-keys.ts'
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
  /** @throws AppError `invalid-token`, `token-expired`, `account-suspended`, `too-many-requests` */
  refresh(refreshToken: string, origin: RequestOrigin): Promise<Tokens>
  /** A token that is none, or whose session has ended, is fine. Resolves once every process refuses the session. */
  logout(refreshToken: string, origin: RequestOrigin): Promise<void>
  /** Ends every session of the account. @throws AppError `invalid-request`, `invalid-credentials`, `too-many-requests` */
  changePassword(userId: UserId, current: string, next: string, origin: RequestOrigin): Promise<void>
  /** By which somebody sets a password without the one before. */
  readonly links: PasswordLinks
  readonly passwords: Passwords
  /** Makes an administrator where no account is one, with the password given or a made-up one. */
  ensureFirstAdmin(options: { readonly email: string; readonly password: string | undefined }): Promise<FirstAdmin>
  /** The public keys, for whoever verifies SkyCrate's tokens. */
  jwks(): Promise<object>
  /** Learns which signing keys other processes created and retired. @throws AppError `database-unavailable` */
  reloadKeys(): Promise<void>
  readonly verifier: OwnTokenVerifier
  /** Calls back when sessions of a user ended in this process; others hear it on the channel `skycrate_users`. */
  onSessionsEnded(listener: (userId: UserId) => void): void
}

/**
 * Refused refreshes of one network, and the milliseconds until it has one more. A token cannot be guessed: the limit keeps
 * a flood of bad ones out of the audit log, and good ones pass it.
 */
const REFUSED_REFRESHES = { burst: 100, refillMs: 3_000 }
/** Sign-ins of one account with the right password, and the milliseconds until it has one more. */
const SIGN_INS = { burst: 100, refillMs: 1_000 }

export async function createAccounts(options: {
  readonly database: Database
  readonly audit: AuditLog
  readonly logger: FastifyBaseLogger
  readonly now: () => number
  /** The `iss` of the access tokens. */
  readonly issuer: string
  /** Seals the private keys in the database, and is what refresh tokens follow from each other by. */
  readonly secret: string
  /** Resolves once no process believes any more what was committed away before. */
  readonly settled: () => Promise<void>
}): Promise<Accounts> {
  const { database, audit, logger, now, issuer, secret, settled } = options
  const keys = await openSigningKeys({ database, secret, now })
  const tokens = createAccessTokens(keys, issuer, now)
  const passwords = await openPasswords()
  const links = createPasswordLinks({ database, audit, passwords, now, publicUrl: issuer })
  const guard = createSignInGuard(database, now)
  const successorOf = successorsUnder(secret)
  const refusedRefreshes = createAttemptLimit(database, 'refused-refreshes', REFUSED_REFRESHES)
  const signIns = createAttemptLimit(database, 'sign-ins', SIGN_INS)
  const listeners: ((userId: UserId) => void)[] = []

  const allowed = (
    action: AuditActionOf<'session'>,
    userId: UserId,
    detail: AuditDetails['session'],
    origin: RequestOrigin,
  ): Promise<void> =>
    audit.record({ action, outcome: 'allow', userId, bucket: null, key: null, reason: null, detail, origin })

  const denied = (
    action: AuditActionOf<'session'>,
    userId: UserId | null,
    reason: string,
    origin: RequestOrigin,
  ): Promise<void> => audit.record({ action, outcome: 'deny', userId, bucket: null, key: null, reason, origin })

  async function answer(userId: UserId, sessionId: SessionId, refreshToken: string): Promise<Tokens> {
    return {
      access_token: await tokens.sign(userId, sessionId),
      token_type: 'Bearer',
      expires_in: ACCESS_TOKEN_SECONDS,
      refresh_token: refreshToken,
    }
  }

  /** Cached tokens of the user are looked at again: here at once, elsewhere by the notification of the commit. */
  function sessionsEnded(userId: UserId): void {
    for (const listener of listeners) listener(userId)
  }

  /** `user:` and `name:` keep an e-mail that reads like a user's id from counting for that user. */
  async function findAccount(email: string) {
    // PostgreSQL's text takes no U+0000.
    if (email.includes('\0')) return { guardedAs: `name:${email}`, account: undefined }
    const { name, account } = await findAccountByEmail(database, email.trim())
    return { guardedAs: account ? guardedAs(account.userId) : `name:${name}`, account }
  }
  const guardedAs = (userId: UserId): string => `user:${userId}`

  /** @returns whether the password was still the one that was checked */
  async function replacePassword(account: Account, next: string, origin: RequestOrigin): Promise<boolean> {
    const { userId, passwordHash: before } = account
    if (before === undefined) return false
    const passwordHash = await passwords.hash(next)
    return database.transaction(async (tx) => {
      if (!(await replacePasswordHash(tx, userId, before, passwordHash))) return false
      await endSessionsOf(tx, userId)
      await allowed('auth.change-password', userId, {}, origin)
      return true
    })
  }

  /** An attempt that was not even checked is in the log too. */
  async function throttled(
    action: AuditActionOf<'session'>,
    userId: UserId | null,
    error: unknown,
    origin: RequestOrigin,
  ): Promise<never> {
    if (error instanceof AppError && error.code === 'too-many-requests') {
      await denied(action, userId, 'throttled', origin)
    }
    throw error
  }

  /** What is not even shaped like a token costs nothing: neither a query nor a record. */
  async function refuse(reason: string, userId: UserId | null, origin: RequestOrigin): Promise<never> {
    if (reason === 'malformed') throw new AppError('invalid-token', 'Sign in again.')
    const retryAfter = await refusedRefreshes.take(addressGroup(origin.ip), now())
    if (retryAfter > 0) {
      await denied('auth.refresh', userId, 'throttled', origin)
      throw new AppError('too-many-requests', 'Sign in again.', { retryAfter })
    }
    await denied('auth.refresh', userId, reason, origin)
    if (reason === 'suspended') throw new AppError('account-suspended', 'Ask an administrator.')
    throw new AppError(reason === 'expired' ? 'token-expired' : 'invalid-token', 'Sign in again.')
  }

  return {
    async login(email, password, origin) {
      requireWellFormed(password, '/password')
      const { guardedAs: name, account } = await findAccount(email)
      const isRight = await guard
        .check({
          account: name,
          ip: origin.ip,
          // Asked without an account too, or the time of a refusal would tell that there is one.
          isFamiliar: (address) => hasSignedInFrom(database, account?.userId ?? 'usr_', address),
          verify: () => passwords.verify(account?.passwordHash, password),
        })
        .catch((error: unknown) => throttled('auth.login', account?.userId ?? null, error, origin))
      // One answer for a wrong password and an unknown e-mail, in the same time.
      if (!account || !isRight) {
        const reason = account ? 'wrong-password' : 'unknown-email'
        await denied('auth.login', account?.userId ?? null, reason, origin)
        throw new AppError('invalid-credentials')
      }
      const { userId } = account
      const retryAfter = await signIns.take(userId, now())
      if (retryAfter > 0) {
        await denied('auth.login', userId, 'throttled', origin)
        throw new AppError('too-many-requests', 'This account signs in too often.', { retryAfter })
      }
      const started = await database.transaction(async (tx) => {
        const locked = await lockAccountOf(tx, userId)
        // Changed since it was checked: a session of the old password would outlive the change that ends them all.
        if (!locked || locked.passwordHash !== account.passwordHash) return { refused: 'wrong-password' } as const
        if (locked.state !== 'active') return { refused: 'suspended' } as const
        await noteSignIn(tx, userId)
        const session = await startSession(tx, userId, addressGroup(origin.ip), now())
        const { sessionId, endedSessionIds } = session
        const ended = endedSessionIds.length > 0 ? { endedSessionIds } : {}
        await allowed('auth.login', userId, { sessionId, method: 'password', ...ended }, origin)
        return session
      })
      if ('refused' in started) {
        await denied('auth.login', userId, started.refused, origin)
        if (started.refused === 'suspended') throw new AppError('account-suspended', 'Ask an administrator.')
        throw new AppError('invalid-credentials')
      }
      if (started.endedSessionIds.length > 0) sessionsEnded(userId)
      return answer(userId, started.sessionId, started.refreshToken)
    },

    async refresh(refreshToken, origin) {
      const token = parseRefreshToken(refreshToken)
      if (!token) return refuse('malformed', null, origin)
      // Recorded inside the exchange: a log that cannot be written must not use the token up.
      const result = await refreshSession(database, token, successorOf, ({ userId, sessionId }) =>
        allowed('auth.refresh', userId, { sessionId }, origin),
      )
      switch (result.outcome) {
        case 'refreshed':
          return answer(result.userId, result.sessionId, result.refreshToken)
        case 'refused':
          return refuse(result.reason, result.userId, origin)
        case 'reused':
          // Ended already, recorded or not: a thief must not profit from a log that cannot be written.
          logger.warn({ userId: result.userId }, 'a used refresh token was presented again; ended its session')
          sessionsEnded(result.userId)
          await denied('auth.refresh', result.userId, 'reused', origin)
          throw new AppError('invalid-token', 'Sign in again.')
      }
    },

    async logout(refreshToken, origin) {
      const token = parseRefreshToken(refreshToken)
      if (!token) return
      const session = await endSessionOf(database, token, ({ userId, sessionId }) =>
        allowed('auth.logout', userId, { sessionId }, origin),
      )
      if (!session) return
      sessionsEnded(session.userId)
      await settled()
    },

    async changePassword(userId, current, next, origin) {
      requireWellFormed(current, '/currentPassword')
      const account = await findAccountOf(database, userId)
      checkNewPassword(next, '/newPassword', [account?.email ?? null])
      const isRight = await guard
        .check({
          account: guardedAs(userId),
          ip: origin.ip,
          isFamiliar: (address) => hasSignedInFrom(database, userId, address),
          verify: () => passwords.verify(account?.passwordHash, current),
        })
        .catch((error: unknown) => throttled('auth.change-password', userId, error, origin))
      const isChanged = account !== undefined && isRight && (await replacePassword(account, next, origin))
      if (!isChanged) {
        await denied('auth.change-password', userId, account ? 'wrong-password' : 'no-account', origin)
        throw new AppError('invalid-credentials', 'The current password is wrong.')
      }
      sessionsEnded(userId)
      await settled()
    },

    async ensureFirstAdmin({ email, password }) {
      const before = await findAdminEmail(database)
      if (before !== undefined) return { email: before, created: false }
      const problem = password === undefined ? undefined : passwordProblem(password, [email])
      if (problem !== undefined) throw new Error(`SKYCRATE_ADMIN_PASSWORD ${problem}`)
      // 20 characters of 64: what is made up here outlasts any guessing.
      const chosen = password ?? randomBytes(15).toString('base64url')
      const passwordHash = await passwords.hash(chosen)
      return database.transaction(async (tx) => {
        await tx.query(`select pg_advisory_xact_lock(hashtextextended('skycrate.first-admin', 0))`)
        const existing = await findAdminEmail(tx)
        if (existing !== undefined) return { email: existing, created: false }
        if ((await findAccountByEmail(tx, email)).account) {
          throw new Error(`the account ${email} is no administrator; set SKYCRATE_ADMIN_EMAIL to another`)
        }
        const userId = await insertAccount(tx, { email, name: 'Administrator', isAdmin: true, passwordHash }, now())
        await audit.record({
          action: 'user.create',
          outcome: 'allow',
          userId: null,
          targetUserId: userId,
          bucket: null,
          key: null,
          reason: null,
          detail: { email, changed: { isAdmin: true } },
          origin: byProcess('start'),
        })
        return { email, created: true, ...(password === undefined ? { password: chosen } : {}) }
      })
    },

    async jwks() {
      // Another process may sign with a newer key. Without a database, those that are known still help.
      await keys
        .lookAgain()
        .catch((error: unknown) => logger.warn({ err: error }, 'could not check for newer signing keys'))
      return { keys: keys.publicJwks() }
    },

    reloadKeys: () => keys.reload(),

    links: {
      create: (tx, kind, userId) => links.create(tx, kind, userId),
      async use(...given) {
        const used = await links.use(...given)
        sessionsEnded(used.userId)
        await settled()
        return used
      },
    },
    passwords,

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
