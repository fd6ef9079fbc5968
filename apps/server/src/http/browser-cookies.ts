/** The cookies of browser sessions. */
export interface BrowserCookies {
  /** Of the cookie that holds the session. */
  readonly session: string
}

/**
 * With TLS, a prefix keeps other hosts of the domain from setting the cookies. Without it the port tells servers of one
 * machine apart, since browsers share cookies between ports.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6265bis section 4.1.3.2
 */
export function browserCookies(publicUrl: string): BrowserCookies {
  const { protocol, port } = new URL(publicUrl)
  const named = (name: string): string => (protocol === 'https:' ? `__Host-${name}` : `${name}-${port || '80'}`)
  return { session: named('skycrate') }
}
