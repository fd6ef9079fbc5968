import type { Home } from '@skycrate/contract/home/schemas'
import type { UserId } from '@skycrate/core/naming/id'

/** Milliseconds: so long may another process that removes a home go unnoticed here. */
const HOLDS_MS = 30_000
const MAX_HOMES = 20_000

export interface ReadyHomes {
  get(userId: UserId): Home | undefined
  set(userId: UserId, home: Home): void
  delete(userId: UserId): void
}

/** Ready homes of the people who were here lately, so that asking again costs no read. The oldest give way. */
export function readyHomes(now: () => number): ReadyHomes {
  const known = new Map<UserId, { readonly home: Home; readonly until: number }>()
  return {
    get(userId) {
      const entry = known.get(userId)
      if (entry === undefined) return undefined
      if (now() < entry.until) return entry.home
      known.delete(userId)
      return undefined
    },
    set(userId, home) {
      known.delete(userId)
      known.set(userId, { home, until: now() + HOLDS_MS })
      if (known.size > MAX_HOMES) known.delete(known.keys().next().value!)
    },
    delete(userId) {
      known.delete(userId)
    },
  }
}
