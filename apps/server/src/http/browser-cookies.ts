import type { FastifyReply } from 'fastify'

/** The cookies of browser sessions. */
export interface BrowserCookies {
  /** The name of the cookie that holds the session. */
  readonly session: string
  /** The name of the cookie that tells the web app that there is a session, and nothing else. */
  readonly signedIn: string
  /** The name of the cookie that binds a sign-in through an issuer to the browser that began it. */
  readonly signIn: string
  /** @param maxAge seconds; 0 removes it */
  set(reply: FastifyReply, name: string, value: string, maxAge: number): void
}

/**
 * With TLS, a prefix keeps other hosts of the domain from setting the cookies. Without it the port tells servers of one
 * machine apart, since browsers share cookies between ports.
 *
 * `Lax`: sent when a link leads here from elsewhere, and not with anything else that another site starts.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6265bis section 4.1.3.2
 */
export function browserCookies(publicUrl: string): BrowserCookies {
  const { protocol, port } = new URL(publicUrl)
  const isSecure = protocol === 'https:'
  const named = (name: string): string => (isSecure ? `__Host-${name}` : `${name}-${port || '80'}`)
  const signedIn = named('skycrate-signed-in')
  return {
    session: named('skycrate'),
    signedIn,
    signIn: named('skycrate-sign-in'),
    set(reply, name, value, maxAge) {
      const readable = name === signedIn ? '' : '; HttpOnly'
      const secure = isSecure ? '; Secure' : ''
      void reply.header('set-cookie', `${name}=${value}; Path=/; Max-Age=${maxAge}${readable}${secure}; SameSite=Lax`)
    },
  }
}
