import { parsePagePath } from '@skycrate/contract/page-path'
import {
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client'
import type { RequestOrigin } from '../audit/audit-event.ts'
import { AppError } from '../errors/app-error.ts'
import { addressGroup } from '../limits/address-group.ts'
import { createAttemptLimit } from '../limits/attempt-limit.ts'
import { callbackUrl } from './callback-url.ts'
import type { Linker } from '../users/identities/link-identity.ts'
import { insertAttempt, newBrowserMark, parseBrowserMark } from './sign-in-attempts.ts'
import type { SignInContext } from './sign-in-context.ts'
import type { SignInWith, StartedSignIn } from './sign-in-with.ts'

/**
 * Sign-ins that are begun, and the milliseconds until there is one more: of one network, and of all. What is begun is kept
 * for ten minutes, so the second limit bounds the table to 40,000 rows.
 */
const STARTS = { burst: 60, refillMs: 5_000 }
/** What is asked for besides `openid` where the operator does not say. */
const DEFAULT_SCOPES = ['email', 'profile']
const ALL_STARTS = { burst: 20_000, refillMs: 30 }

/** The page that a linked identity leads back to. */
export const PROFILE = '/profile'

/**
 * Asks the issuer to have the person prove anew who they are: a session there may be somebody else's who used this browser.
 * Google refuses `login`.
 */
const promptOf = (issuer: string): string => (issuer === 'https://accounts.google.com' ? 'select_account' : 'login')

export function createSignInStart(context: SignInContext): Pick<SignInWith, 'start' | 'startLink'> {
  const { clients, database, issuers, now, publicUrl } = context
  const starts = createAttemptLimit(database, 'sign-in-starts', STARTS)
  const allStarts = createAttemptLimit(database, 'all-sign-in-starts', ALL_STARTS)

  async function begin(
    issuerId: string,
    { returnTo, fresh, link }: { readonly returnTo: string; readonly fresh: boolean; readonly link?: Linker },
    markBefore: string | undefined,
    origin: RequestOrigin,
  ): Promise<StartedSignIn> {
    await issuers.current()
    const issuer = issuers.byId(issuerId)
    if (!issuer?.client) throw new AppError('not-found', 'There is no such issuer to sign in with.')
    const retryAfter = (await starts.take(addressGroup(origin.ip), now())) || (await allStarts.take('all', now()))
    if (retryAfter > 0) {
      throw new AppError('too-many-requests', 'Too many sign-ins were begun; wait before the next.', { retryAfter })
    }
    const client = await clients.of(issuer)
    const [state, nonce, codeVerifier] = [randomState(), randomNonce(), randomPKCECodeVerifier()]
    // One for all that this browser has begun: several tabs may be at it.
    const mark = parseBrowserMark(markBefore) ?? newBrowserMark()
    await insertAttempt(database, state, mark, {
      issuerId,
      nonce,
      codeVerifier,
      returnTo,
      link,
    })
    const url = buildAuthorizationUrl(client, {
      redirect_uri: callbackUrl(publicUrl),
      scope: [...new Set(['openid', ...(issuer.settings.scopes ?? DEFAULT_SCOPES)])].join(' '),
      code_challenge: await calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
      state,
      nonce,
      ...(fresh && { prompt: promptOf(issuer.settings.issuer) }),
    })
    return { url: url.href, mark }
  }

  return {
    start: (issuerId, { returnTo, fresh }, mark, origin) =>
      begin(issuerId, { returnTo: parsePagePath(returnTo) ?? '/', fresh }, mark, origin),
    startLink: (issuerId, link, mark, origin) => {
      const returnTo = `${PROFILE}?linked=${encodeURIComponent(issuerId)}`
      return begin(issuerId, { returnTo, fresh: true, link }, mark, origin)
    },
  }
}
