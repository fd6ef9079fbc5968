import type { StoredTokens, TokenStore } from './token-store.ts'

/** What a page keeps for itself across a reload. */
interface Kept {
  /** Of the session that the access token belongs to. */
  readonly session: string
  readonly accessToken: string
  readonly accessExpiresAt: number
}

/**
 * Keeps the refresh token in `shared` (the page's `localStorage`), so that other tabs stay signed in as well, and the
 * access token in memory and in `own` (the page's `sessionStorage`), so that a reload goes on with it while it is valid.
 *
 * The price: a script that gets to run in this origin can read both. Against that stand a content security policy without
 * inline or foreign scripts, and a refresh token that is good once, so that a stolen one that is used ends the session of
 * thief and owner alike. An HttpOnly cookie would be out of such a script's reach, but needs a door of the server that
 * sets it; there is none yet.
 */
export function browserTokenStore(shared: Storage, own: Storage, name: string): TokenStore {
  /** Tells a session from the next, whose tokens may be another person's; a refresh does not change it. */
  const idName = `${name}.id`
  let inMemory: (StoredTokens & { readonly session: string }) | undefined

  const reload = (): Kept | undefined => {
    try {
      const kept = JSON.parse(own.getItem(name) ?? '') as Partial<Kept> | null
      const whole = typeof kept?.accessToken === 'string' && typeof kept.accessExpiresAt === 'number'
      return whole && typeof kept.session === 'string' ? (kept as Kept) : undefined
    } catch {
      return undefined
    }
  }

  return {
    lockName: `skycrate:${name}`,
    read() {
      const refreshToken = shared.getItem(name)
      if (refreshToken === null) return undefined
      const session = shared.getItem(idName)
      const held = inMemory ?? reload()
      if (!held || held.session !== session) return { refreshToken }
      // Another tab may have refreshed: its refresh token is the one that works, this tab's access token still does too.
      return { accessToken: held.accessToken, accessExpiresAt: held.accessExpiresAt, refreshToken }
    },
    write(tokens) {
      const session = shared.getItem(idName) ?? newId()
      inMemory = { ...tokens, session }
      shared.setItem(idName, session)
      // Last, as it is what other tabs listen for.
      shared.setItem(name, tokens.refreshToken)
      const { accessToken, accessExpiresAt } = tokens
      if (accessToken === undefined || accessExpiresAt === undefined) own.removeItem(name)
      else own.setItem(name, JSON.stringify({ session, accessToken, accessExpiresAt } satisfies Kept))
    },
    clear() {
      inMemory = undefined
      own.removeItem(name)
      shared.removeItem(idName)
      shared.removeItem(name)
    },
  }
}

// Browsers have `randomUUID` in secure contexts only.
const newId = (): string => crypto.getRandomValues(new Uint32Array(3)).join('-')
