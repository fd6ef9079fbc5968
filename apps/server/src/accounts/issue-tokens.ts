import type { Tokens } from '@skycrate/contract/auth/schemas'
import type { SessionId, UserId } from '@skycrate/core/naming/id'
import type { AccountContext } from './account-context.ts'
import { readIdClaims } from './id-claims.ts'
import type { RefreshToken } from './refresh-token.ts'
import type { SessionClient } from './sessions.ts'

/** The tokens of a session, as clients receive them; those of an app's session say so. */
export async function issueTokens(
  { accessTokens, database, lifetimes }: AccountContext,
  session: {
    readonly userId: UserId
    readonly sessionId: SessionId
    readonly refreshToken: RefreshToken
    readonly client?: SessionClient
  },
): Promise<Tokens> {
  const { userId, sessionId, refreshToken, client = null } = session
  const claims = await readIdClaims(database, userId)
  const app =
    client === null ? undefined : { client, sessionId, username: claims.email ?? userId, groups: claims.groups }
  return {
    access_token: await accessTokens.sign(userId, sessionId, app),
    id_token: await accessTokens.signId(userId, claims, app),
    token_type: 'Bearer',
    expires_in: lifetimes.accessSeconds,
    refresh_token: refreshToken,
  }
}
