import type { Tokens } from '@skycrate/contract/auth/schemas'
import { SkyCrateError } from '../skycrate-error.ts'
import type { SignedOutReason } from './signed-out-reason.ts'
import type { TokenStore } from './token-store.ts'

/** An access token that ends sooner than this is renewed first, so that it does not end on the way. */
const RENEW_BEFORE_MS = 20_000

export interface TokenSessionOptions {
  readonly store: TokenStore
  readonly now: () => number
  /** Trades a refresh token for new tokens. */
  readonly trade: (refreshToken: string) => Promise<Tokens>
  readonly onSignedOut: (reason: SignedOutReason) => void
}

/** The tokens of one sign-in, renewed once however many ask. */
export interface TokenSession {
  isSignedIn(): boolean
  keep(tokens: Tokens): void
  /** @returns undefined where nobody is signed in */
  accessToken(): Promise<string | undefined>
  /**
   * @param refused the access token that the server did not accept; another that was stored since is given at once
   * @returns undefined where the session is over
   */
  renew(refused: string | undefined): Promise<string | undefined>
  end(reason: SignedOutReason): void
}

export function createTokenSession({ store, now, trade, onSignedOut }: TokenSessionOptions): TokenSession {
  let renewing: Promise<string | undefined> | undefined

  const keep = (tokens: Tokens): void =>
    store.write({
      accessToken: tokens.access_token,
      accessExpiresAt: now() + tokens.expires_in * 1000,
      refreshToken: tokens.refresh_token,
      idToken: tokens.id_token,
    })

  const end = (reason: SignedOutReason): void => {
    if (store.read() === undefined) return
    store.clear()
    onSignedOut(reason)
  }

  const tradeLatest = async (): Promise<string | undefined> => {
    for (;;) {
      const held = store.read()
      if (!held) return undefined
      try {
        const tokens = await trade(held.refreshToken)
        // Whoever signed out or in meanwhile has the last word.
        if (store.read()?.refreshToken !== held.refreshToken) return store.read()?.accessToken
        keep(tokens)
        return tokens.access_token
      } catch (error) {
        if (!isRefusal(error)) throw error
        // Where tabs cannot lock, another may have used the token first and stored its successor.
        if (store.read()?.refreshToken !== held.refreshToken) continue
        end('expired')
        return undefined
      }
    }
  }

  const renew = (refused: string | undefined): Promise<string | undefined> => {
    const held = store.read()
    if (!held) return Promise.resolve(undefined)
    if (held.accessToken !== undefined && held.accessToken !== refused) return Promise.resolve(held.accessToken)
    renewing ??= oneTabAtATime(store.lockName, tradeLatest).finally(() => {
      renewing = undefined
    })
    return renewing
  }

  return {
    isSignedIn: () => store.read() !== undefined,
    keep,
    accessToken() {
      const held = store.read()
      const fresh = held?.accessExpiresAt !== undefined && held.accessExpiresAt - RENEW_BEFORE_MS > now()
      return fresh ? Promise.resolve(held.accessToken) : renew(held?.accessToken)
    },
    renew,
    end,
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof SkyCrateError && (error.status === 401 || error.code === 'account-suspended')
}

// Web Locks exist in secure contexts only: over plain http on another machine's name there are none.
async function oneTabAtATime<T>(lockName: string | undefined, work: () => Promise<T>): Promise<T> {
  const locks: LockManager | undefined = typeof navigator === 'undefined' ? undefined : navigator.locks
  return locks && lockName !== undefined ? await locks.request(lockName, work) : await work()
}
