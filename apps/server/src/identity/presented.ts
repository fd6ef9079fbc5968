import type { IncomingHttpHeaders } from 'node:http'
import { readCookie } from './read-cookie.ts'

/** By what a request says who it is from. */
export type Presented =
  /** An access token: `key` is the Authorization header as it came. */
  | { readonly kind: 'bearer'; readonly key: string }
  /** A browser session. The browser sends it by itself, so a change needs proof that SkyCrate's own page asks for it. */
  | { readonly kind: 'cookie'; readonly key: string; readonly token: string }

/** A header holds no line break, so no Authorization header passes for a cookie. */
const COOKIE_KEY = '\n'

/** An Authorization header says on purpose what a cookie says by itself: where both are, it counts alone. */
export function presentedBy(
  { authorization, cookie }: Pick<IncomingHttpHeaders, 'authorization' | 'cookie'>,
  cookieName: string,
): Presented | undefined {
  if (authorization !== undefined) return { kind: 'bearer', key: authorization }
  const token = cookie === undefined ? undefined : readCookie(cookie, cookieName)
  return token === undefined ? undefined : { kind: 'cookie', key: COOKIE_KEY + token, token }
}
