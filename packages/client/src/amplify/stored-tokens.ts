import { memoryTokenStore, type StoredTokens, type TokenStore } from '../sessions/token-store.ts'
import type { KeyValueStorage } from './amplify-config.ts'

function browserStorage(): KeyValueStorage | undefined {
  try {
    return typeof window === 'undefined' ? undefined : window.localStorage
  } catch {
    // A page that may keep nothing.
    return undefined
  }
}

/** Keeps the session where Amplify would: the same in every tab, and after a reload. */
export function amplifyTokenStore(clientId: string, given: KeyValueStorage | undefined): TokenStore {
  const storage = given ?? browserStorage()
  if (!storage) return memoryTokenStore()
  const name = `skycrate.${clientId}`
  return {
    lockName: name,
    read() {
      const text = storage.getItem(name)
      if (text === null) return undefined
      try {
        return JSON.parse(text) as StoredTokens
      } catch {
        return undefined
      }
    },
    write: (tokens) => storage.setItem(name, JSON.stringify(tokens)),
    clear: () => storage.removeItem(name),
  }
}
