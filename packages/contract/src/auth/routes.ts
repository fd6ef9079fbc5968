import { guarded, recorded, type Route } from '../route.ts'
import { Credentials, Me, PasswordChange, RefreshRequest, Tokens } from './schemas.ts'

export const AUTH_ROUTES = {
  login: {
    area: 'auth',
    audience: 'anyone',
    summary: 'Sign in with a built-in account',
    body: Credentials,
    success: { status: 200, body: Tokens },
    problems: [
      'invalid-request',
      'invalid-credentials',
      'account-suspended',
      'too-many-requests',
      'audit-unavailable',
      'database-unavailable',
    ],
  },
  refresh: {
    area: 'auth',
    audience: 'anyone',
    summary: 'Exchange a refresh token for new tokens',
    body: RefreshRequest,
    success: { status: 200, body: Tokens },
    problems: [
      'invalid-request',
      'invalid-token',
      'token-expired',
      'account-suspended',
      'too-many-requests',
      'audit-unavailable',
      'database-unavailable',
    ],
  },
  logout: {
    area: 'auth',
    audience: 'anyone',
    summary: 'End the session of a refresh token',
    body: RefreshRequest,
    success: { status: 204 },
    problems: ['invalid-request', 'audit-unavailable', 'database-unavailable'],
  },
  changePassword: {
    area: 'auth',
    audience: 'user',
    summary: "Change a built-in account's password and end all its sessions",
    body: PasswordChange,
    success: { status: 204 },
    problems: ['invalid-request', 'invalid-credentials', 'too-many-requests', ...recorded],
  },
  me: {
    area: 'auth',
    audience: 'user',
    summary: 'Get the signed-in user',
    success: { status: 200, body: Me },
    problems: [...guarded],
  },
} as const satisfies Record<string, Route>
