import { Type, type Static } from 'typebox'
import type { ProblemCode } from './problem.ts'

/** What OAuth calls a problem. Any other is `server_error` from status 500 on, and `invalid_request` below. */
export const OAUTH_ERRORS = {
  'invalid-request': 'invalid_request',
  'unsupported-media-type': 'invalid_request',
  'payload-too-large': 'invalid_request',
  'invalid-client': 'invalid_client',
  'invalid-grant': 'invalid_grant',
  'account-suspended': 'invalid_grant',
  'unsupported-grant-type': 'unsupported_grant_type',
  'invalid-scope': 'invalid_scope',
  'authorization-pending': 'authorization_pending',
  'slow-down': 'slow_down',
  'access-denied': 'access_denied',
  'device-code-expired': 'expired_token',
  'too-many-requests': 'temporarily_unavailable',
  'audit-unavailable': 'temporarily_unavailable',
  'database-unavailable': 'temporarily_unavailable',
} as const satisfies Partial<Record<ProblemCode, string>>

/** @see RFC 6749 section 5.2, RFC 8628 section 3.5 */
export const OAuthError = Type.Object(
  {
    error: Type.String({ description: "OAuth's code." }),
    error_description: Type.Optional(Type.String()),
    code: Type.String({ description: 'The code under /docs/errors/.' }),
    title: Type.String(),
    status: Type.Integer(),
    requestId: Type.String({ description: 'Quote it when asking the operator.' }),
  },
  { $id: 'OAuthError' },
)
export type OAuthError = Static<typeof OAuthError>

export function oauthErrorOf(code: ProblemCode, status: number): string {
  const known: string | undefined = (OAUTH_ERRORS as Partial<Record<ProblemCode, string>>)[code]
  return known ?? (status >= 500 ? 'server_error' : 'invalid_request')
}
