import type { Accounts } from '../../accounts/accounts.ts'
import type { Browser } from '../browser.ts'
import type { HandlersOf } from '../route.ts'

export function signOutHandlers(accounts: Accounts, browser: Browser): HandlersOf<'logout'> {
  return {
    async logout({ body, origin, request, reply }) {
      if (body.refresh_token !== undefined) return accounts.logout(body.refresh_token, origin)
      const token = browser.cookieOf(request, browser.cookies.session)
      if (token === undefined) return
      browser.requireOwnPage(request)
      await accounts.browserSessions.end(token, origin)
      browser.forget(reply)
    },
  }
}
