import type { RequestOrigin } from '../audit/audit-event.ts'
import { AppError } from '../errors/app-error.ts'
import type { AccountContext } from './account-context.ts'
import { parseRefreshToken } from './refresh-token.ts'
import { endSessionOf } from './sessions.ts'

/**
 * Ends the session of a refresh token. Resolves once every process refuses the session.
 * @param client whose session it has to be; undefined: anybody's
 * @throws AppError `forbidden` for a session of another client
 */
export async function signOut(
  context: AccountContext,
  refreshToken: string,
  origin: RequestOrigin,
  client?: string,
): Promise<void> {
  const { database, events, sessionsEnded, settled } = context
  const token = parseRefreshToken(refreshToken)
  if (!token) return
  const session = await endSessionOf(database, token, client, ({ userId, sessionId }) =>
    events.allowed('auth.logout', userId, { sessionId }, origin),
  )
  if (!session) return
  if (session.outcome === 'other-client') {
    await events.denied('auth.logout', session.userId, 'other-client', origin)
    throw new AppError('forbidden', 'The token is of another client.')
  }
  sessionsEnded(session.userId)
  await settled()
}
