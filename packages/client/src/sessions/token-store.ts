export interface StoredTokens {
  /** Absent after a reload where only the refresh token is kept. */
  readonly accessToken?: string | undefined
  /** Milliseconds since 1970 on this machine's clock. */
  readonly accessExpiresAt?: number | undefined
  readonly refreshToken: string
  /** Who signed in, for the app. */
  readonly idToken?: string | undefined
}

/** Where a client keeps its session. Read again before each refresh, so a store may be shared between tabs. */
export interface TokenStore {
  /** The Web Lock under which a store that tabs share is renewed; absent where nobody else writes to it. */
  readonly lockName?: string
  read(): StoredTokens | undefined
  write(tokens: StoredTokens): void
  clear(): void
}

/** Ends with the process or the page. */
export function memoryTokenStore(initial?: StoredTokens): TokenStore {
  let held = initial
  return {
    read: () => held,
    write: (tokens) => {
      held = tokens
    },
    clear: () => {
      held = undefined
    },
  }
}
