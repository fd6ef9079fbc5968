import type { CodeSent, SignInResult, Tokens } from '@skycrate/contract/auth/schemas'
import { isId, type SessionId, type UserId } from '@skycrate/core/naming/id'
import type { FastifyBaseLogger } from 'fastify'
import type { AuditLog, RequestOrigin } from '../audit/audit-event.ts'
import type { Database } from '../db/database.ts'
import type { Mailer } from '../mail/mailer.ts'
import type { MailTemplates } from '../mail/templates.ts'
import { type Clients, createClients, isSecretLive } from '../clients/clients.ts'
import { createDeviceFlow, type DeviceFlow } from '../device/device-flow.ts'
import type { AccountContext } from './account-context.ts'
import { createAccountEvents } from './account-events.ts'
import { findAddressOwner } from './address-owner.ts'
import { changePassword } from './change-password.ts'
import { createFactorContext, createFactors, type Factors } from './factors/factors.ts'
import { deleteOwnAccount } from './delete-own-account.ts'
import { ensureFirstAdmin, type FirstAdmin } from './first-admin.ts'
import { type BrowserSessionLimits, type BrowserSessions, createBrowserSessions } from './browser-sessions.ts'
import { createIssuerSessions, type IssuerSessions } from './issuer-sessions.ts'
import { createSessionOpener } from './open-session.ts'
import { createMailCodes, type MailCodeKind } from './mail-codes.ts'
import { createMailLimits } from './mail-limits.ts'
import { createOwnSessions, type OwnSessions } from './own-sessions.ts'
import { openPasswords, type Passwords } from './password.ts'
import { createPasswordLinks, type PasswordLinks } from './password-links.ts'
import { createRefresh } from './refresh.ts'
import { successorsUnder } from './refresh-token.ts'
import { findLiveSession, type SessionProof } from './sessions.ts'
import { forgotPassword, resetPasswordByCode } from './reset-password.ts'
import { signIn } from './sign-in.ts'
import { type CodeGiven, createSignUp, type SignUp } from './sign-up.ts'
import type { SignUpPolicy } from './sign-up-policy.ts'
import { createSignInGuard } from './sign-in-guard.ts'
import { signOut } from './sign-out.ts'
import { openSigningKeys } from './signing-keys.ts'
import { createAccessTokens, type TokenLifetimes } from './tokens.ts'

/** Verifies SkyCrate's own access tokens. */
export interface OwnTokenVerifier {
  /** As in their `iss`. */
  readonly issuer: string
  verify(token: string): Promise<
    | (SessionProof & {
        readonly outcome: 'accepted'
        readonly userId: UserId
        /** Null for a machine. */
        readonly sessionId: SessionId | null
        readonly expiresAt: number
        /** An app's ID token. */
        readonly isIdToken: boolean
      })
    | { readonly outcome: 'refused'; readonly reason: 'expired' | 'id-token' | 'not-ours' | 'session-ended' }
  >
}

/** Built-in accounts. Whatever is asked is in the audit log before its answer leaves. */
export interface Accounts {
  /**
   * @param client the app that the session is of, by the id that it named; absent: SkyCrate's own
   * @returns a challenge where the account has a second factor
   * @throws AppError `invalid-credentials`, `account-suspended`, `too-many-requests`
   */
  login(email: string, password: string, origin: RequestOrigin, client?: string): Promise<SignInResult>
  readonly factors: Factors
  /**
   * @param client whose session it has to be; absent: anybody's
   * @throws AppError `invalid-token`, `token-expired`, `account-suspended`, `too-many-requests`
   */
  refresh(refreshToken: string, origin: RequestOrigin, client?: string): Promise<Tokens>
  /**
   * A token that is none, or whose session has ended, is fine. Resolves once every process refuses the session.
   * @param client whose session it has to be; absent: anybody's
   * @throws AppError `forbidden` for a session of another client
   */
  logout(refreshToken: string, origin: RequestOrigin, client?: string): Promise<void>
  /** Ends every session of the account. @throws AppError `invalid-request`, `invalid-credentials`, `too-many-requests` */
  changePassword(userId: UserId, current: string, next: string, origin: RequestOrigin): Promise<void>
  readonly sessions: OwnSessions
  readonly device: DeviceFlow
  readonly clients: Clients
  /** Sessions that browsers hold by a cookie. */
  readonly browserSessions: BrowserSessions
  readonly issuerSessions: IssuerSessions
  /** By which somebody sets a password without the one before. */
  readonly links: PasswordLinks
  readonly passwords: Passwords
  readonly signUp: SignUp
  /**
   * @param password null where the user has just proven who they are
   * @returns when it is deleted
   * @throws AppError `invalid-credentials`, `conflict`, `last-administrator`, `too-many-requests`
   */
  deleteOwn(userId: UserId, password: string | null, origin: RequestOrigin): Promise<Date>
  /** @throws AppError `invalid-request`, `too-many-requests` */
  forgotPassword(email: string, origin: RequestOrigin): Promise<CodeSent>
  /** @throws AppError `invalid-mail-code`, `invalid-request`, `account-suspended`, `too-many-requests` */
  resetPassword(
    given: CodeGiven & { readonly password: string },
    origin: RequestOrigin,
  ): Promise<{ readonly email: string }>
  /** Whether there is a code that can still be given: asked for, not expired, and not tried too often. */
  isCodeOpen(kind: MailCodeKind, email: string): Promise<boolean>
  /** Makes an administrator where no account is one, with the password given or a made-up one. */
  ensureFirstAdmin(options: { readonly email: string; readonly password: string | undefined }): Promise<FirstAdmin>
  /** The public keys, for whoever verifies SkyCrate's tokens. */
  jwks(): Promise<object>
  /** Learns which signing keys other processes created and retired. @throws AppError `database-unavailable` */
  reloadKeys(): Promise<void>
  /** @param days that a key signs before another takes its place */
  rotateKeys(days: number): Promise<void>
  readonly verifier: OwnTokenVerifier
  /** Calls back when sessions of a user ended in this process; others hear it on the channel `skycrate_users`. */
  onSessionsEnded(listener: (userId: UserId) => void): void
}

const AS_MACHINE = { sessionId: null, authenticatedAt: 0, amr: [], issuer: null, client: null } as const

export async function createAccounts(options: {
  readonly database: Database
  readonly audit: AuditLog
  readonly logger: FastifyBaseLogger
  readonly now: () => number
  /** The `iss` of the access tokens. */
  readonly issuer: string
  readonly browserSessions: BrowserSessionLimits
  readonly lifetimes: TokenLifetimes
  /** Days after which an account that its user deleted is gone. */
  readonly graceDays: number
  readonly mailer: Mailer
  readonly templates: MailTemplates
  readonly signUp: SignUpPolicy
  /** Seals the private keys in the database, and is what refresh tokens follow from each other by. */
  readonly secret: string
  /** Resolves once no process believes any more what was committed away before. */
  readonly settled: () => Promise<void>
}): Promise<Accounts> {
  const { database, audit, logger, now, issuer, secret, settled, lifetimes } = options
  const keys = await openSigningKeys({ database, secret, now })
  const passwords = await openPasswords()
  const listeners: ((userId: UserId) => void)[] = []
  const sessionsEnded = (userId: UserId): void => listeners.forEach((listener) => listener(userId))
  const context: AccountContext = {
    database,
    audit,
    events: createAccountEvents(audit),
    logger,
    now,
    passwords,
    guard: createSignInGuard(database, now),
    accessTokens: createAccessTokens(keys, issuer, lifetimes, now),
    lifetimes,
    graceDays: options.graceDays,
    mailer: options.mailer,
    templates: options.templates,
    mailCodes: createMailCodes(secret, now),
    mailLimits: createMailLimits(database, now),
    sessionsEnded,
    settled,
  }
  const sessions = createSessionOpener(context)
  const factors = createFactorContext(context, { sessions, secret, publicUrl: issuer })
  const links = createPasswordLinks({ database, audit, passwords, now, publicUrl: issuer })

  return {
    login: (email, password, origin, client) => signIn(factors, { email, password }, origin, client),
    factors: createFactors(factors),
    refresh: createRefresh(context, successorsUnder(secret)),
    logout: (refreshToken, origin, client) => signOut(context, refreshToken, origin, client),
    changePassword: (userId, current, next, origin) => changePassword(context, userId, { current, next }, origin),
    sessions: createOwnSessions(context),
    device: createDeviceFlow(context, { publicUrl: issuer }),
    clients: createClients(context),
    ensureFirstAdmin: (admin) => ensureFirstAdmin(context, admin),

    async jwks() {
      // Another process may sign with a newer key. Without a database, those that are known still help.
      await keys
        .lookAgain()
        .catch((error: unknown) => logger.warn({ err: error }, 'could not check for newer signing keys'))
      return { keys: keys.publicJwks() }
    },

    reloadKeys: () => keys.reload(),
    rotateKeys: (days) => keys.rotate({ days, tokenSeconds: Math.max(lifetimes.accessSeconds, lifetimes.idSeconds) }),

    browserSessions: createBrowserSessions(context, options.browserSessions),
    issuerSessions: createIssuerSessions(context, options.browserSessions.days, secret),

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
    signUp: createSignUp(context, options.signUp),
    deleteOwn: (userId, password, origin) => deleteOwnAccount(context, userId, password, origin),
    forgotPassword: (email, origin) => forgotPassword(context, email, origin),
    resetPassword: (given, origin) => resetPasswordByCode(context, given, origin),

    isCodeOpen: async (kind, email) => {
      const { address } = await findAddressOwner(database, email.includes('\0') ? '' : email.trim())
      return context.mailCodes.isOpen(database, kind, address)
    },

    verifier: {
      issuer,
      async verify(token) {
        const verdict = await context.accessTokens.verify(token)
        if ('refused' in verdict && verdict.refused === 'id-token') return verifyIdToken(token)
        if ('refused' in verdict) return { outcome: 'refused', reason: verdict.refused }
        const { sessionId, userId } = verdict
        if (isId('sec', sessionId)) {
          const isLive = await isSecretLive(database, sessionId, userId)
          return isLive
            ? { outcome: 'accepted', ...verdict, ...AS_MACHINE, isIdToken: false }
            : { outcome: 'refused', reason: 'session-ended' }
        }
        const live = await findLiveSession(database, sessionId, userId)
        return live
          ? { outcome: 'accepted', ...verdict, sessionId, ...live, isIdToken: false }
          : { outcome: 'refused', reason: 'session-ended' }
      },
    },

    onSessionsEnded: (listener) => void listeners.push(listener),
  }

  async function verifyIdToken(token: string): ReturnType<OwnTokenVerifier['verify']> {
    const verdict = await context.accessTokens.verifyId(token)
    if ('refused' in verdict) return { outcome: 'refused', reason: verdict.refused }
    const { sessionId, userId, client, expiresAt } = verdict
    const live = await findLiveSession(database, sessionId, userId)
    return live?.client === client
      ? { outcome: 'accepted', userId, sessionId, expiresAt, ...live, isIdToken: true }
      : { outcome: 'refused', reason: 'session-ended' }
  }
}
