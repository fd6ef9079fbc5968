import type { Route } from '../route.ts'
import { BackChannelLogout, IssuerParams, SignedOut, SignInAnswer, SignInIssuers, SignInStart } from './schemas.ts'

export const SIGN_IN_WITH_ROUTES = {
  issuers: {
    area: 'auth',
    audience: 'anyone',
    summary: 'List the issuers by which people can sign in in the browser',
    success: { status: 200, body: SignInIssuers },
    problems: [],
  },
  startSignIn: {
    area: 'auth',
    audience: 'anyone',
    summary: 'Send the browser to an issuer to sign in',
    params: IssuerParams,
    query: SignInStart,
    success: { status: 302 },
    problems: [],
  },
  finishSignIn: {
    area: 'auth',
    audience: 'anyone',
    summary: 'Where an issuer sends the browser back to',
    query: SignInAnswer,
    success: { status: 302 },
    problems: [],
  },
  signOut: {
    area: 'auth',
    audience: 'anyone',
    summary: 'End the session of the cookie, and say where to sign out at its issuer',
    success: { status: 200, body: SignedOut },
    problems: ['cross-site-request', 'audit-unavailable', 'database-unavailable'],
  },
  backChannelLogout: {
    area: 'auth',
    audience: 'anyone',
    summary: 'For issuers: end the sessions that a logout token names (OpenID Connect Back-Channel Logout)',
    body: BackChannelLogout,
    form: true,
    success: { status: 204 },
    problems: [
      'invalid-token',
      'token-expired',
      'issuer-unavailable',
      'too-many-requests',
      'audit-unavailable',
      'database-unavailable',
    ],
  },
} as const satisfies Record<string, Route>
