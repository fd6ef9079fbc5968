import { SESSION_HEADER, SESSION_BY_COOKIE } from '@skycrate/contract/session-header'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { OpenedBrowserSession } from '../accounts/browser-sessions.ts'
import { AppError } from '../errors/app-error.ts'
import { readCookie } from '../identity/read-cookie.ts'
import type { BrowserCookies } from './browser-cookies.ts'

/** What tells a browser with SkyCrate's own page from one that another site uses. */
export interface Browser {
  readonly cookies: BrowserCookies
  /** Whether the client asks for a cookie instead of tokens. */
  wantsCookie(request: FastifyRequest): boolean
  /** Before anything changes in the name of a cookie. @throws AppError `cross-site-request` */
  requireOwnPage(request: FastifyRequest): void
  /** Before anything is told in the name of a cookie. @throws AppError `cross-site-request` */
  refuseOtherSites(request: FastifyRequest): void
  cookieOf(request: FastifyRequest, name: string): string | undefined
  keep(reply: FastifyReply, session: OpenedBrowserSession): void
  forget(reply: FastifyReply): void
}

/** @param origins of SkyCrate's own pages */
export function createBrowser(cookies: BrowserCookies, origins: readonly string[]): Browser {
  const own = new Set(origins)
  const wantsCookie = ({ headers }: FastifyRequest): boolean => headers[SESSION_HEADER] === SESSION_BY_COOKIE

  return {
    cookies,
    wantsCookie,

    // A form or a link of another site can't send the header, and its script would have to be allowed to by CORS. The
    // browser's own word for where the request comes from stands beside it, in case CORS is ever opened further.
    requireOwnPage(request) {
      const { origin, host, 'sec-fetch-site': site } = request.headers
      const isOwn =
        site === undefined
          ? origin !== undefined && (own.has(origin) || URL.parse(origin)?.host === host)
          : site === 'same-origin'
      if (wantsCookie(request) && isOwn) return
      throw refused(request)
    },

    refuseOtherSites(request) {
      const { 'sec-fetch-site': site } = request.headers
      if (site !== undefined && site !== 'same-origin' && site !== 'none') throw refused(request)
    },

    cookieOf({ headers: { cookie } }, name) {
      return cookie === undefined ? undefined : readCookie(cookie, name)
    },

    keep(reply, { token, expiresAt }) {
      const maxAge = Math.max(0, Math.floor((expiresAt.getTime() - Date.now()) / 1000))
      cookies.set(reply, cookies.session, token, maxAge)
      cookies.set(reply, cookies.signedIn, '1', maxAge)
    },

    forget(reply) {
      cookies.set(reply, cookies.session, '', 0)
      cookies.set(reply, cookies.signedIn, '', 0)
    },
  }
}

function refused(request: FastifyRequest): AppError {
  const { origin, 'sec-fetch-site': site } = request.headers
  request.log.info({ origin: origin?.slice(0, 200), site }, 'a request with a cookie came from another site')
  return new AppError(
    'cross-site-request',
    `A request with the session cookie must come from a page of SkyCrate, with the header ${SESSION_HEADER}: ${SESSION_BY_COOKIE}.`,
  )
}
