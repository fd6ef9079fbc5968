import type { Tokens } from '@skycrate/contract/auth/schemas'
import type { SessionId, UserId } from '@skycrate/core/naming/id'
import type { AccountContext } from './account-context.ts'
import { readIdClaims } from './id-claims.ts'
import type { RefreshToken } from './refresh-token.ts'

/** The tokens of a session, as clients receive them. */
export async function issueTokens(
  { accessTokens, database, lifetimes }: AccountContext,
  session: { readonly userId: UserId; readonly sessionId: SessionId; readonly refreshToken: RefreshToken },
): Promise<Tokens> {
  return {
    access_token: await accessTokens.sign(session.userId, session.sessionId),
    id_token: await accessTokens.signId(session.userId, await readIdClaims(database, session.userId)),
    token_type: 'Bearer',
    expires_in: lifetimes.accessSeconds,
    refresh_token: session.refreshToken,
  }
}
