import type { Tokens } from '@skycrate/contract/auth/schemas'
import type { UserId } from '@skycrate/core/naming/id'
import type { RequestOrigin } from '../audit/audit-event.ts'
import { AppError } from '../errors/app-error.ts'
import { addressGroup } from '../limits/address-group.ts'
import { createAttemptLimit } from '../limits/attempt-limit.ts'
import type { AccountContext } from './account-context.ts'
import { issueTokens } from './issue-tokens.ts'
import { parseRefreshToken, type RefreshToken } from './refresh-token.ts'
import { refreshSession } from './sessions.ts'

/**
 * Refused refreshes of one network, and the milliseconds until it has one more. A token cannot be guessed: the limit keeps
 * a flood of bad ones out of the audit log, and good ones pass it.
 */
const REFUSED_REFRESHES = { burst: 100, refillMs: 3_000 }

/** Exchanges a refresh token for new tokens. */
export function createRefresh(
  context: AccountContext,
  successorOf: (token: RefreshToken) => RefreshToken,
): (refreshToken: string, origin: RequestOrigin, client?: string) => Promise<Tokens> {
  const { database, events, logger, now, sessionsEnded } = context
  const refusedRefreshes = createAttemptLimit(database, 'refused-refreshes', REFUSED_REFRESHES)

  /** What is not even shaped like a token costs nothing: neither a query nor a record. */
  async function refuse(reason: string, userId: UserId | null, origin: RequestOrigin): Promise<never> {
    if (reason === 'malformed') throw new AppError('invalid-token', 'Sign in again.')
    const retryAfter = await refusedRefreshes.take(addressGroup(origin.ip), now())
    if (retryAfter > 0) {
      await events.denied('auth.refresh', userId, 'throttled', origin)
      throw new AppError('too-many-requests', 'Sign in again.', { retryAfter })
    }
    await events.denied('auth.refresh', userId, reason, origin)
    if (reason === 'suspended') throw new AppError('account-suspended', 'Ask an administrator.')
    throw new AppError(reason === 'expired' ? 'token-expired' : 'invalid-token', 'Sign in again.')
  }

  return async (refreshToken, origin, client) => {
    const token = parseRefreshToken(refreshToken)
    if (!token) return refuse('malformed', null, origin)
    // Recorded inside the exchange: a log that cannot be written must not use the token up.
    const result = await refreshSession(database, token, { client, successorOf }, ({ userId, sessionId }) =>
      events.allowed('auth.refresh', userId, { sessionId }, origin),
    )
    switch (result.outcome) {
      case 'refreshed':
        return issueTokens(context, result)
      case 'refused':
        return refuse(result.reason, result.userId, origin)
      case 'reused':
        // Ended already, recorded or not: a thief must not profit from a log that cannot be written.
        logger.warn({ userId: result.userId }, 'a used refresh token was presented again; ended its session')
        sessionsEnded(result.userId)
        await events.denied('auth.refresh', result.userId, 'reused', origin)
        throw new AppError('invalid-token', 'Sign in again.')
    }
  }
}
