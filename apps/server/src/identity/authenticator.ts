import { performance } from 'node:perf_hooks'
import type { Group } from '@skycrate/core/identity/group'
import type { Scope } from '@skycrate/core/access/scope'
import type { SessionId, TokenId, UserId } from '@skycrate/core/naming/id'
import type { ReadToken } from '@skycrate/issuer-keys/read-token'
import type { FastifyBaseLogger } from 'fastify'
import type { Freshness } from '../access/freshness.ts'
import type { Accounts } from '../accounts/accounts.ts'
import { isMultiFactor } from '../accounts/factors/amr.ts'
import type { AuditLog, RequestOrigin } from '../audit/audit-event.ts'
import type { Database } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import type { PersonalTokenVerifier } from '../tokens/personal-tokens.ts'
import { claimGroupsOfUser } from '../users/groups-of-user.ts'
import type { IssuerRegistry } from '../issuers/issuer-registry.ts'
import { findOrCreateUser } from '../users/find-or-create-user.ts'
import { findUser } from '../users/find-user.ts'
import type { User } from '../users/user.ts'
import type { Presented } from './presented.ts'
import { SignedInCache } from './signed-in-cache.ts'
import { createTokenVerifier, readToken, type TokenRefusal } from './token-verifier.ts'

/** Who presented a token that was accepted. */
export interface SignedIn {
  readonly userId: UserId
  /** Those that the token names; SkyCrate's own groups are read with the permissions. */
  readonly groups: readonly Group[]
  readonly issuer: string
  readonly email: string | null
  readonly emailVerified: boolean
  /** The e-mail address where an issuer vouches for it, or null. */
  readonly verifiedEmail: string | null
  readonly name: string | null
  readonly isAdmin: boolean
  readonly createdAt: Date
  /** False for a machine that acts on its own: it has no home. */
  readonly personal: boolean
  /** The session of SkyCrate that this sign-in belongs to; null for a token of another issuer. */
  readonly sessionId: SessionId | null
  /** What an access token of the user is for; null for the user themselves. */
  readonly scope: Scope | null
  /** The access token that the user created, where it is one. */
  readonly tokenId: TokenId | null
  /** When the user last proved who they are, in milliseconds since the epoch; null where the issuer does not say. */
  readonly authenticatedAt: number | null
  /** How the user did; see RFC 8176. */
  readonly amr: readonly string[]
  /** Whether the user has an authenticator app or a passkey here. */
  readonly hasSecondFactor: boolean
  /** Whether the user has a second factor here and did not prove it in this sign-in. */
  readonly hasUnprovenFactor: boolean
  /** A group requires a second factor, and this sign-in was without one. */
  readonly lacksSecondFactor: boolean
  /** Presented by the ID token of an app, which others than the app may hold too: no word for the account itself. */
  readonly isIdToken: boolean
}

/** What a request may go without. */
export interface Allowances {
  /** It helps to get the second factor that is required. */
  readonly withoutSecondFactor?: boolean
}

export interface Authenticator extends AsyncDisposable {
  /** Who presents this, when that is known already: no I/O. */
  peek(presented: Presented | undefined, allowed?: Allowances): SignedIn | undefined
  /**
   * @throws AppError `unauthenticated`, `invalid-token`, `token-expired`, `session-ended`, `account-suspended`,
   * `second-factor-required`, `issuer-unavailable`, `database-unavailable`
   */
  authenticate(presented: Presented | undefined, origin: RequestOrigin, allowed?: Allowances): Promise<SignedIn>
}

/**
 * Milliseconds that an accepted token is believed without looking again. Revocations and suspensions are heard at once;
 * this bounds what is not heard, such as a key that the issuer has withdrawn.
 */
const BELIEVE_MS = 60_000

/** Notified where a change is about more users than could be named. */
const EVERYBODY = '*'

interface Verified {
  readonly signedIn: SignedIn
  /** Milliseconds since the epoch. */
  readonly until: number
}

/** The one place where what a request presents becomes somebody. */
export async function createAuthenticator(options: {
  readonly database: Database
  readonly audit: AuditLog
  readonly issuers: IssuerRegistry
  readonly own: Accounts
  readonly personalTokens: PersonalTokenVerifier
  readonly freshness: Pick<Freshness, 'isFresh'>
  readonly allowInsecureLoopback: boolean
  readonly logger: FastifyBaseLogger
  readonly now: () => number
}): Promise<Authenticator> {
  const { database, freshness, audit, issuers, own, personalTokens, logger, now } = options
  const cache = new SignedInCache<SignedIn>()
  const verifier = createTokenVerifier({ ...options, monotonicNow: () => performance.now() })
  const forget = (userId: string): void => (userId === EVERYBODY ? cache.clear() : cache.forgetUser(userId as UserId))
  own.onSessionsEnded(forget)
  // Whoever was let in by an issuer's rules as they were is looked at again.
  issuers.onChange(() => cache.clear())
  const listener = await database.listen('skycrate_users', forget, () => cache.clear())

  /** While no notifications are proven to arrive, a suspension or the end of a session may have been missed. */
  const known = ({ key }: Presented): SignedIn | undefined => (freshness.isFresh() ? cache.get(key, now()) : undefined)

  async function verifyOwn(token: string, origin: RequestOrigin): Promise<Verified> {
    const verdict = await own.verifier.verify(token)
    if (verdict.outcome === 'refused') throw refused(verdict.reason, origin)
    const user = await findUser(database, verdict.userId)
    if (!user) throw refused('no-such-user', origin)
    await refuseInactive(user, origin)
    // A program that somebody of an issuer signed in by a code has no claims of its own.
    const issuer = verdict.issuer ?? own.verifier.issuer
    if (verdict.issuer !== null) {
      await issuers.current()
      if (!issuers.byIssuer(verdict.issuer)) throw refused('unknown-issuer', origin)
    }
    const remembered = verdict.issuer === null ? [] : await claimGroupsOfUser(database, user.id)
    const signedIn = toSignedIn(user, {
      issuer,
      groups: remembered.filter((group) => group.issuer === issuer),
      isAdmin: user.isAdmin && !verdict.isIdToken,
      personal: verdict.sessionId !== null,
      ...AS_THEMSELVES,
      isIdToken: verdict.isIdToken,
      sessionId: verdict.sessionId,
      authenticatedAt: verdict.authenticatedAt,
      amr: verdict.amr,
    })
    return { signedIn, until: verdict.expiresAt }
  }

  /** Groups of issuers count as of the last sign-in; an administrator is one by SkyCrate's own word alone. */
  async function verifyPersonal(token: string, origin: RequestOrigin): Promise<Verified> {
    const verdict = await personalTokens.verify(token)
    if ('refused' in verdict) throw refused(verdict.refused, origin)
    const { userId, scope, tokenId } = verdict
    const [user, groups] = await Promise.all([findUser(database, userId), claimGroupsOfUser(database, userId)])
    if (!user) throw refused('no-such-user', origin)
    await refuseInactive(user, { ...origin, tokenId })
    const signedIn = toSignedIn(user, {
      issuer: own.verifier.issuer,
      groups,
      isAdmin: verdict.isAdmin && user.isAdmin,
      personal: true,
      sessionId: null,
      authenticatedAt: null,
      amr: verdict.amr,
      scope,
      tokenId,
      isIdToken: false,
    })
    return { signedIn, until: scope.expiresAt }
  }

  async function verify(token: string, origin: RequestOrigin): Promise<Verified> {
    if (token.startsWith('skyp_')) return verifyPersonal(token, origin)
    const read = readToken(token)
    if ('refused' in read) throw refused(read.refused, origin)
    if (read.claims['iss'] === own.verifier.issuer) return verifyOwn(token, origin)
    const verdict = await verifier.verify(read)
    if (verdict.outcome === 'refused') throw refused(verdict.reason, origin, read)
    const user = await findOrCreateUser(options, verdict, origin)
    await refuseInactive(user, origin)
    const isAdmin = user.isAdmin || verdict.isAdmin
    const groups = verdict.groups.map((name) => ({ name, issuer: verdict.issuer }))
    return { signedIn: toSignedIn(user, { ...verdict, ...AS_THEMSELVES, groups, isAdmin }), until: verdict.expiresAt }
  }

  async function verifyCookie(token: string, origin: RequestOrigin): Promise<Verified> {
    const lookedAt = now()
    const session = await own.browserSessions.find(token)
    if ('refused' in session) throw sessionEnded(session.refused, origin)
    const issuer = session.issuer ?? own.verifier.issuer
    // Whose tokens are not accepted any more has no sessions either.
    await issuers.current()
    const isKnown = session.issuer === null || issuers.byIssuer(session.issuer) !== undefined
    if (!isKnown) throw sessionEnded('unknown-issuer', origin)
    const user = await findUser(database, session.userId)
    if (!user) throw sessionEnded('no-such-user', origin)
    await refuseInactive(user, origin)
    const groups = session.groups.map((name) => ({ name, issuer }))
    const isAdmin = user.isAdmin || session.claimsAdmin
    return {
      signedIn: toSignedIn(user, { ...AS_THEMSELVES, ...session, issuer, groups, isAdmin, personal: true }),
      until: lookedAt + session.goodForMs,
    }
  }

  function sessionEnded(reason: string, { requestId }: RequestOrigin): AppError {
    logger.info({ reason, requestId }, 'a browser session was refused')
    return new AppError('session-ended', 'Sign in again.')
  }

  async function refuseInactive(user: User, origin: RequestOrigin): Promise<void> {
    if (user.state === 'active') return
    await audit.record({
      action: 'auth.login',
      outcome: 'deny',
      userId: user.id,
      bucket: null,
      key: null,
      reason: user.state,
      detail: { method: 'token' },
      origin,
    })
    throw new AppError('account-suspended', 'Ask an administrator.')
  }

  async function requireSecondFactor(
    signedIn: SignedIn,
    origin: RequestOrigin,
    allowed: Allowances | undefined,
  ): Promise<SignedIn> {
    if (!signedIn.lacksSecondFactor || allowed?.withoutSecondFactor === true) return signedIn
    await audit.record({
      action: 'auth.challenge',
      outcome: 'deny',
      userId: signedIn.userId,
      bucket: null,
      key: null,
      reason: 'second-factor-required',
      origin,
    })
    throw new AppError(
      'second-factor-required',
      signedIn.issuer === own.verifier.issuer
        ? 'One of your groups requires a second factor. Set one up, or sign in with it.'
        : 'One of your groups requires a second factor. Sign in with one at your issuer.',
    )
  }

  function refused(reason: string, { requestId }: RequestOrigin, read?: ReadToken): AppError {
    // The operator learns why from the log; who probes learns what to do and nothing more.
    logger.info({ reason, requestId, ...(read && saidBy(read)) }, 'a token was refused')
    if (reason === 'expired') return new AppError('token-expired', 'Get a new token and try again.')
    return new AppError('invalid-token', ADVICE[reason] ?? 'Get a new token from an issuer that this server accepts.')
  }

  function verifyPresented(presented: Presented, origin: RequestOrigin): Promise<Verified> {
    switch (presented.kind) {
      case 'bearer': {
        const token = /^bearer +(\S+) *$/i.exec(presented.key)?.[1]
        if (token === undefined) throw refused('not-bearer', origin)
        return verify(token, origin)
      }
      case 'cookie':
        return verifyCookie(presented.token, origin)
    }
  }

  return {
    peek(presented, allowed) {
      const signedIn = presented === undefined ? undefined : known(presented)
      return signedIn?.lacksSecondFactor === true && allowed?.withoutSecondFactor !== true ? undefined : signedIn
    },

    async authenticate(presented, origin, allowed) {
      if (presented === undefined) {
        throw new AppError('unauthenticated', 'Sign in, or send an access token: Authorization: Bearer …')
      }
      const signedInBefore = known(presented)
      if (signedInBefore) return requireSecondFactor(signedInBefore, origin, allowed)
      const { forgotten } = cache
      const { signedIn, until } = await verifyPresented(presented, origin)
      // Somebody may have been suspended or signed out since they were read: then the next request looks again.
      if (cache.forgotten === forgotten) cache.set(presented.key, signedIn, Math.min(until, now() + BELIEVE_MS))
      return requireSecondFactor(signedIn, origin, allowed)
    },

    async [Symbol.asyncDispose]() {
      await listener[Symbol.asyncDispose]()
    },
  }
}

const AS_THEMSELVES = { sessionId: null, scope: null, tokenId: null, isIdToken: false } as const

/** An ID token where an access token is needed. */
export const ID_TOKEN_ADVICE =
  'This is an ID token, which is for the app alone. Send the access token that came with it.'

/** What the bearer can do about it, where that is more than getting a new token. It echoes nothing of the token. */
const ADVICE: Readonly<Partial<Record<string, string>>> = {
  'not-bearer': 'Send the token as: Authorization: Bearer …',
  opaque: 'This is no signed JWT. Ask the issuer for an access token with an audience (Auth0: the audience parameter).',
  'no-such-token': 'This access token has been deleted, or never was one. Create a new one in your profile.',
  'session-ended': 'The session of this token has ended. Sign in again.',
  'refresh-token': 'This is a refresh token. Send the access token that came with it.',
  encrypted: 'This token is encrypted. Ask the issuer for a signed access token with an audience.',
  'too-long': 'The token is longer than any that this server takes.',
  'id-token': ID_TOKEN_ADVICE,
  'wrong-audience':
    'The token is for another audience. Ask the issuer for an access token for this API (its audience or client id).',
  'too-many-groups': 'The token names too many groups. Ask the operator to have the issuer send fewer.',
  'groups-elsewhere':
    'The issuer left the groups out of the token because there are too many. Ask the operator to have it send fewer.',
  'email-not-verified':
    'This server lets in only people whose e-mail address the issuer has verified. Verify yours there, then sign in again.',
  'other-email-domain': 'This server lets in only people of certain e-mail domains. Ask the operator.',
  'not-in-group': 'This server lets in only members of certain groups. Ask the operator.',
  'unreadable-groups': 'The groups in the token cannot be read. Ask the operator to check the groups claim.',
} satisfies Partial<Record<TokenRefusal | 'not-bearer' | 'no-such-token' | 'session-ended', string>>

/** What the operator compares with the issuer's settings. It is what anybody may write, so it is bounded. */
function saidBy({ header, claims }: ReadToken): Record<string, string | undefined> {
  const shown = (value: unknown): string | undefined => JSON.stringify(value)?.slice(0, 200)
  const { iss, aud, azp, client_id: client, token_use: use } = claims
  return {
    iss: shown(iss),
    aud: shown(aud),
    client: shown(client ?? azp),
    use: shown(use),
    typ: shown(header.typ),
    alg: shown(header.alg),
    kid: shown(header.kid),
  }
}

function toSignedIn(
  user: User,
  from: Pick<
    SignedIn,
    | 'issuer'
    | 'groups'
    | 'isAdmin'
    | 'personal'
    | 'sessionId'
    | 'scope'
    | 'tokenId'
    | 'authenticatedAt'
    | 'amr'
    | 'isIdToken'
  >,
): SignedIn {
  const { id: userId, email, emailVerified, name, createdAt } = user
  const verifiedEmail = emailVerified ? email : null
  const { issuer, groups, isAdmin, personal, sessionId, scope, tokenId, authenticatedAt, amr, isIdToken } = from
  // Whoever created an access token had just proven the factor.
  const isProven = isMultiFactor(amr) || (tokenId !== null && user.hasSecondFactor)
  return {
    userId,
    groups,
    issuer,
    email,
    emailVerified,
    verifiedEmail,
    name,
    isAdmin,
    createdAt,
    personal,
    sessionId,
    scope,
    tokenId,
    authenticatedAt,
    amr,
    isIdToken,
    hasSecondFactor: user.hasSecondFactor,
    hasUnprovenFactor: user.hasSecondFactor && !isProven,
    // A machine has one credential, and nobody who could be asked.
    lacksSecondFactor: user.requiresSecondFactor && personal && !isProven,
  }
}
