import type { SignInIssuers } from '@skycrate/contract/sign-in-with/schemas'
import type { Static } from 'typebox'
import type { OpenedBrowserSession } from '../accounts/browser-sessions.ts'
import type { RequestOrigin } from '../audit/audit-event.ts'
import type { AppError } from '../errors/app-error.ts'
import type { Linker } from '../users/identities/link-identity.ts'
import type { BrowserMark } from './sign-in-attempts.ts'

/** Where a started sign-in goes on. */
export interface StartedSignIn {
  /** The issuer's own page. */
  readonly url: string
  /** For the browser to bring along when it comes back. */
  readonly mark: BrowserMark
}

/** `returnTo`: a page of the web app. */
export type FinishedSignIn =
  | { readonly kind: 'signed-in'; readonly session: OpenedBrowserSession; readonly returnTo: string }
  /** The session of before goes on. */
  | { readonly kind: 'linked'; readonly returnTo: string }
  | { readonly kind: 'not-linked'; readonly error: AppError; readonly returnTo: string }

/** Sign-ins in the browser through issuers: authorization code with PKCE, ended by a browser session of SkyCrate. */
export interface SignInWith {
  /** Those by which people can sign in. No I/O. */
  list(): Static<typeof SignInIssuers>
  /**
   * @param wish by anybody: what is no page of the web app leads to its first page. `fresh`: the issuer has the person prove
   * anew who they are
   * @param mark of an earlier attempt in this browser
   * @throws AppError `not-found`, `issuer-unavailable`, `too-many-requests`, `database-unavailable`
   */
  start(
    issuerId: string,
    wish: { readonly returnTo: string | undefined; readonly fresh: boolean },
    mark: string | undefined,
    origin: RequestOrigin,
  ): Promise<StartedSignIn>
  /**
   * Begins to link an identity to the user of a browser session, who has just proven who they are.
   * @throws AppError as `start`
   */
  startLink(issuerId: string, linker: Linker, mark: string | undefined, origin: RequestOrigin): Promise<StartedSignIn>
  /**
   * @param sessionToken of the browser's session, if it has one
   * @param answer the query of the address that the issuer sent the browser to
   * @throws AppError `sign-in-expired`, `sign-in-refused`, `account-suspended`, `issuer-unavailable`, `too-many-requests`,
   * `audit-unavailable`, `database-unavailable`
   */
  finish(
    answer: URLSearchParams,
    mark: string | undefined,
    sessionToken: string | undefined,
    origin: RequestOrigin,
  ): Promise<FinishedSignIn>
  /** Where to end the session of a cookie at its issuer, while it lasts; null where that is not offered. */
  signOutUrl(sessionToken: string): Promise<string | null>
  /**
   * Ends the sessions that an issuer says have ended there. Resolves once every process refuses them.
   * @throws AppError `invalid-token`, `token-expired`, `issuer-unavailable`, `too-many-requests`, `audit-unavailable`,
   * `database-unavailable`
   */
  backChannelLogout(logoutToken: string, origin: RequestOrigin): Promise<void>
}
