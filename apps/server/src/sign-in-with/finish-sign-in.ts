import type { Claims } from '@skycrate/core/identity/claims'
import { authorizationCodeGrant, type Configuration, fetchUserInfo } from 'openid-client'
import type { RequestOrigin } from '../audit/audit-event.ts'
import { AppError } from '../errors/app-error.ts'
import type { RegisteredIssuer } from '../issuers/issuer-registry.ts'
import { findOrCreateUser } from '../users/find-or-create-user.ts'
import { type Linker, linkIdentity } from '../users/identities/link-identity.ts'
import { callbackUrl } from './callback-url.ts'
import { exchangeFailure } from './exchange-failure.ts'
import { parseBrowserMark, type SignInAttempt, takeAttempt } from './sign-in-attempts.ts'
import type { SignInContext } from './sign-in-context.ts'
import type { SignInWith } from './sign-in-with.ts'
import { PROFILE } from './start-sign-in.ts'

export function createSignInFinish(context: SignInContext): SignInWith['finish'] {
  const { audit, browserSessions, clients, database, idTokens, issuers, logger, now, publicUrl, sessions } = context

  async function refused(
    reason: string,
    issuer: RegisteredIssuer,
    link: Linker | undefined,
    origin: RequestOrigin,
  ): Promise<AppError> {
    const { requestId } = origin
    const { issuer: from } = issuer.settings
    logger.info({ reason, issuer: from, requestId }, 'a sign-in through an issuer was refused')
    const event = { outcome: 'deny', bucket: null, key: null, reason, origin } as const
    await audit.record(
      link === undefined
        ? { ...event, action: 'auth.login', userId: null, detail: { method: 'issuer', issuer: from } }
        : {
            ...event,
            action: 'identity.link',
            userId: link.userId,
            targetUserId: link.userId,
            detail: { issuer: from },
          },
    )
    return new AppError('sign-in-refused', 'Try again, or ask the operator: the log says why.')
  }

  /** The code's tokens. Checks the state, the issuer, the nonce and the token's audience. */
  async function exchange(
    client: Configuration,
    answer: URLSearchParams,
    { nonce, codeVerifier, link }: SignInAttempt,
    issuer: RegisteredIssuer,
    origin: RequestOrigin,
  ) {
    const url = new URL(callbackUrl(publicUrl))
    url.search = answer.toString()
    try {
      return await authorizationCodeGrant(client, url, {
        expectedState: answer.get('state') ?? '',
        expectedNonce: nonce,
        pkceCodeVerifier: codeVerifier,
        idTokenExpected: true,
      })
    } catch (error) {
      const failure = exchangeFailure(error)
      if (failure.kind === 'refused') throw await refused(failure.reason, issuer, link, origin)
      logger.warn({ issuer: issuer.settings.issuer, reason: failure.reason }, 'an issuer did not complete a sign-in')
      throw new AppError('issuer-unavailable')
    }
  }

  /** What an issuer tells of a person beside the ID token; a sign-in does without it. */
  async function userInfo(client: Configuration, accessToken: string, subject: string): Promise<Claims> {
    if (client.serverMetadata().userinfo_endpoint === undefined) return {}
    try {
      return { ...(await fetchUserInfo(client, accessToken, subject)) }
    } catch (error) {
      logger.info({ err: error }, 'an issuer did not tell more of a person')
      return {}
    }
  }

  /** Who came back: what the issuer signed of them, after every rule of it. */
  async function whoCame(
    attempt: SignInAttempt,
    issuer: RegisteredIssuer,
    answer: URLSearchParams,
    origin: RequestOrigin,
  ) {
    const client = await clients.of(issuer)
    const tokens = await exchange(client, answer, attempt, issuer, origin)
    const idToken = tokens.id_token ?? ''
    let checked = await idTokens.verify(issuer, idToken)
    if ('refused' in checked) throw await refused(checked.refused, issuer, attempt.link, origin)
    // When and how they proved who they are counts only where the issuer has signed it.
    const { authenticatedAt, amr } = checked.verdict
    const signed = { authenticatedAt, amr: methodsOf(amr) }
    if (checked.claims[issuer.settings.claims.email ?? 'email'] === undefined) {
      const more = await userInfo(client, tokens.access_token, String(checked.claims['sub']))
      checked = await idTokens.verify(issuer, idToken, more)
      if ('refused' in checked) throw await refused(checked.refused, issuer, attempt.link, origin)
    }
    return { ...checked, signed, idToken }
  }

  async function finishLink(
    link: Linker,
    identity: () => Promise<{ readonly subject: string }>,
    issuer: RegisteredIssuer,
    sessionToken: string | undefined,
    origin: RequestOrigin,
  ): Promise<void> {
    const session = sessionToken === undefined ? undefined : await browserSessions.find(sessionToken)
    // Somebody else may have signed in meanwhile, or been brought here.
    const isSame = session !== undefined && !('refused' in session) && session.sessionId === link.sessionId
    if (!isSame) {
      await refused('other-session', issuer, link, origin)
      throw new AppError(
        'sign-in-expired',
        'Start again: the session that began to link is not the one of this browser.',
      )
    }
    const { subject } = await identity()
    await linkIdentity(context, link, { issuer: issuer.settings.issuer, subject }, origin)
  }

  return async (answer, mark, sessionToken, origin) => {
    const state = answer.get('state')
    const attempt = state === null ? undefined : await takeAttempt(database, state, parseBrowserMark(mark))
    await issuers.current()
    const issuer = attempt && issuers.byId(attempt.issuerId)
    if (!attempt || !issuer?.client) {
      throw new AppError('sign-in-expired', 'Start again: each sign-in works once, in the browser that began it.')
    }
    const { link, returnTo } = attempt
    const from = issuer.settings.issuer
    if (link !== undefined) {
      try {
        const identity = async () => (await whoCame(attempt, issuer, answer, origin)).verdict
        await finishLink(link, identity, issuer, sessionToken, origin)
        return { kind: 'linked', returnTo }
      } catch (error) {
        if (!(error instanceof AppError)) throw error
        return { kind: 'not-linked', error, returnTo: PROFILE }
      }
    }
    const { verdict, claims, signed, idToken } = await whoCame(attempt, issuer, answer, origin)
    const user = await findOrCreateUser({ database, audit, now }, { ...verdict, issuer: from }, origin)
    const session = await sessions.open(
      user.id,
      {
        issuer: from,
        subject: String(claims['sub']),
        issuerSession: textOf(claims['sid']),
        isAdmin: verdict.isAdmin,
        ...signed,
        idToken,
      },
      origin,
    )
    return { kind: 'signed-in', session, returnTo }
  }
}

const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' && value.length <= 255 && !value.includes('\0') ? value : null

/** Those that are stored as they are named. */
const methodsOf = (amr: readonly string[]): string[] => amr.filter((each) => /^[\w.:+-]+$/.test(each))
