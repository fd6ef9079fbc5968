import type { RequestOrigin } from '../audit/audit-event.ts'
import type { AccountContext } from './account-context.ts'
import { parseRefreshToken } from './refresh-token.ts'
import { endSessionOf } from './sessions.ts'

/** Ends the session of a refresh token. Resolves once every process refuses the session. */
export async function signOut(context: AccountContext, refreshToken: string, origin: RequestOrigin): Promise<void> {
  const { database, events, sessionsEnded, settled } = context
  const token = parseRefreshToken(refreshToken)
  if (!token) return
  const session = await endSessionOf(database, token, ({ userId, sessionId }) =>
    events.allowed('auth.logout', userId, { sessionId }, origin),
  )
  if (!session) return
  sessionsEnded(session.userId)
  await settled()
}
