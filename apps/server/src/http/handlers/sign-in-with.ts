import { parsePagePath } from '@skycrate/contract/page-path'
import { API_BASE, placeOf } from '@skycrate/contract/paths'
import type { Accounts } from '../../accounts/accounts.ts'
import { AppError } from '../../errors/app-error.ts'
import { ATTEMPT_SECONDS } from '../../sign-in-with/sign-in-attempts.ts'
import type { SignInWith } from '../../sign-in-with/sign-in-with.ts'
import type { Browser } from '../browser.ts'
import { otherNameOfThisMachine } from '../other-name-of-this-machine.ts'
import { Redirect } from '../redirect.ts'
import type { HandlersOf } from '../route.ts'

export function signInWithHandlers(
  signInWith: SignInWith,
  accounts: Accounts,
  browser: Browser,
  publicUrl: string,
): HandlersOf<'issuers' | 'startSignIn' | 'finishSignIn' | 'signOut' | 'backChannelLogout'> {
  const { cookies } = browser

  return {
    issuers: async () => signInWith.list(),

    async startSignIn({ params, query, origin, request, reply }) {
      const page = parsePagePath(query.returnTo)
      const elsewhere = otherNameOfThisMachine(request, publicUrl)
      if (elsewhere !== undefined) {
        const path = placeOf('startSignIn').path.replace(':id', encodeURIComponent(params.id))
        const search = new URLSearchParams({
          ...(page === undefined ? {} : { returnTo: page }),
          ...(query.fresh !== undefined ? { fresh: 'true' } : {}),
        })
        return new Redirect(`${elsewhere}${API_BASE}${path}${search.size > 0 ? `?${search}` : ''}`)
      }
      try {
        const before = browser.cookieOf(request, cookies.signIn)
        const { url, mark } = await signInWith.start(
          params.id,
          { returnTo: page, fresh: query.fresh !== undefined },
          before,
          origin,
        )
        cookies.set(reply, cookies.signIn, mark, ATTEMPT_SECONDS)
        return new Redirect(url)
      } catch (error) {
        return signInPage(error, page)
      }
    },

    async finishSignIn({ origin, request, reply }) {
      const answer = new URL(request.url, publicUrl).searchParams
      try {
        const before = browser.cookieOf(request, cookies.session)
        const finished = await signInWith.finish(answer, browser.cookieOf(request, cookies.signIn), before, origin)
        cookies.set(reply, cookies.signIn, '', 0)
        const { kind, returnTo } = finished
        if (kind === 'not-linked') return new Redirect(`${returnTo}?problem=${finished.error.code}`)
        if (kind === 'linked') return new Redirect(returnTo)
        // As with a password: nobody goes on with a session that was there before.
        if (before !== undefined) await accounts.browserSessions.end(before, origin)
        browser.keep(reply, finished.session)
        return new Redirect(returnTo)
      } catch (error) {
        return signInPage(error, undefined)
      }
    },

    async signOut({ origin, request, reply }) {
      const token = browser.cookieOf(request, cookies.session)
      if (token === undefined) return { issuerSignOutUrl: null }
      browser.requireOwnPage(request)
      const issuerSignOutUrl = await signInWith.signOutUrl(token)
      await accounts.browserSessions.end(token, origin)
      browser.forget(reply)
      return { issuerSignOutUrl }
    },

    backChannelLogout: ({ body, origin }) => signInWith.backChannelLogout(body.logout_token, origin),
  }
}

/** People see what went wrong on the sign-in page, and not as JSON. */
function signInPage(error: unknown, page: string | undefined): Redirect {
  if (!(error instanceof AppError)) throw error
  const next = page === undefined || page === '/' ? '' : `&next=${encodeURIComponent(page)}`
  return new Redirect(`/sign-in?problem=${error.code}${next}`)
}
