import { buildEndSessionUrl } from 'openid-client'
import type { SignInContext } from './sign-in-context.ts'
import type { SignInWith } from './sign-in-with.ts'

/** @see OpenID Connect RP-Initiated Logout 1.0 */
export function createIssuerSignOutUrl(context: SignInContext): SignInWith['signOutUrl'] {
  const { clients, issuers, logger, publicUrl, sessions } = context
  const comeBackTo = `${publicUrl}/sign-in`

  return async (token) => {
    const session = await sessions.find(token)
    const issuer = session && issuers.byIssuer(session.issuer)
    if (session === undefined || !issuer?.client) return null
    try {
      const client = await clients.of(issuer)
      if (client.serverMetadata().end_session_endpoint === undefined) return null
      const { idToken } = session
      const url = buildEndSessionUrl(client, {
        post_logout_redirect_uri: comeBackTo,
        ...(idToken === undefined ? {} : { id_token_hint: idToken }),
      })
      return url.href
    } catch (error) {
      // Nobody has to stay signed in here because their issuer is away.
      logger.info({ err: error }, 'an issuer could not be asked where to sign out')
      return null
    }
  }
}
