import type { RequestOrigin } from '../audit/audit-event.ts'
import { AppError } from '../errors/app-error.ts'
import { addressGroup } from '../limits/address-group.ts'
import { createAttemptLimit } from '../limits/attempt-limit.ts'
import { readToken } from '../identity/token-verifier.ts'
import { logoutTokenUse } from '../accounts/logout-tokens.ts'
import type { SignInContext } from './sign-in-context.ts'
import type { SignInWith } from './sign-in-with.ts'

/** Refused logout tokens of one network, and the milliseconds until it has one more. Good ones pass. */
const REFUSED = { burst: 100, refillMs: 1_000 }

export function createBackChannelLogout(context: SignInContext): SignInWith['backChannelLogout'] {
  const { database, idTokens, issuers, logger, now, sessions } = context
  const refusals = createAttemptLimit(database, 'refused-logouts', REFUSED)

  async function refused(reason: string, { ip, requestId }: RequestOrigin): Promise<AppError> {
    const retryAfter = await refusals.take(addressGroup(ip), now())
    if (retryAfter > 0) return new AppError('too-many-requests', undefined, { retryAfter })
    logger.info({ reason, requestId }, 'a logout token was refused')
    return new AppError(
      reason === 'expired' ? 'token-expired' : 'invalid-token',
      'This is no logout token for SkyCrate.',
    )
  }

  return async (text, origin) => {
    const read = readToken(text)
    if ('refused' in read) throw await refused(read.refused, origin)
    const { iss } = read.claims
    await issuers.current()
    const issuer = typeof iss === 'string' ? issuers.byIssuer(iss) : undefined
    if (!issuer?.client) throw await refused('unknown-issuer', origin)
    const verdict = await idTokens.verifyLogout(issuer, read)
    if (verdict.outcome === 'refused') throw await refused(verdict.reason, origin)
    const { issuer: from } = issuer.settings
    const use = logoutTokenUse(from, verdict.id ?? text, verdict.expiresAt)
    if (!(await sessions.endAt(from, verdict, use, origin))) throw await refused('used-before', origin)
  }
}
