import type { StoredTokens, TokenStore } from './token-store.ts'

/**
 * Keeps the access token in memory and the refresh token in `storage` (the page's `localStorage`), so that a reload and
 * other tabs stay signed in.
 *
 * The price: a script that gets to run in this origin can read the refresh token. Against that stand a content security
 * policy without inline or foreign scripts, and a refresh token that is good once, so that a stolen one that is used
 * ends the session of thief and owner alike. An HttpOnly cookie would be out of such a script's reach, but needs a
 * door of the server that sets it; there is none yet.
 */
export function browserTokenStore(storage: Storage, name: string): TokenStore {
  let inMemory: StoredTokens | undefined
  return {
    lockName: `skycrate:${name}`,
    read() {
      const refreshToken = storage.getItem(name)
      if (refreshToken === null) return undefined
      // Another tab may have refreshed: its refresh token is the one that works, this tab's access token still does too.
      return inMemory?.refreshToken === refreshToken ? inMemory : { ...inMemory, refreshToken }
    },
    write(tokens) {
      inMemory = tokens
      storage.setItem(name, tokens.refreshToken)
    },
    clear() {
      inMemory = undefined
      storage.removeItem(name)
    },
  }
}
