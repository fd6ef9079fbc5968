import type { SignedOutReason } from './signed-out-reason.ts'

/** The session of a page that SkyCrate itself serves. The browser holds it by a cookie that no script can read. */
export interface CookieSession {
  /** Whether the browser was told that there is a session; only the server knows whether it still accepts it. */
  isSignedIn(): boolean
  /** The server accepts the session. */
  noteAccepted(): void
  end(reason: SignedOutReason): void
}

/** Holds no secret: it stands beside the session's own cookie. As in `http/browser-cookies.ts` of the server. */
const SIGNED_IN = /(?:^|; )((?:__Host-)?skycrate-signed-in(?:-\d+)?)=1(?:;|$)/

export function createCookieSession(onSignedOut: (reason: SignedOutReason) => void): CookieSession {
  let isOver = false
  const signedInCookie = (): string | undefined => SIGNED_IN.exec(document.cookie)?.[1]

  return {
    isSignedIn: () => signedInCookie() !== undefined,
    noteAccepted() {
      isOver = false
    },
    end(reason) {
      const name = signedInCookie()
      if (name !== undefined) {
        const secure = name.startsWith('__Host-') ? '; Secure' : ''
        document.cookie = `${name}=; Path=/; Max-Age=0; SameSite=Lax${secure}`
      }
      if (isOver) return
      isOver = true
      onSignedOut(reason)
    },
  }
}
