import type { Tokens } from '@skycrate/contract/auth/schemas'
import type { SessionId, UserId } from '@skycrate/core/naming/id'
import type { AccountContext } from './account-context.ts'
import type { RefreshToken } from './refresh-token.ts'
import { ACCESS_TOKEN_SECONDS } from './tokens.ts'

/** The tokens of a session, as clients receive them. */
export async function issueTokens(
  { accessTokens }: AccountContext,
  session: { readonly userId: UserId; readonly sessionId: SessionId; readonly refreshToken: RefreshToken },
): Promise<Tokens> {
  return {
    access_token: await accessTokens.sign(session.userId, session.sessionId),
    token_type: 'Bearer',
    expires_in: ACCESS_TOKEN_SECONDS,
    refresh_token: session.refreshToken,
  }
}
