import { Type, type Static } from 'typebox'

/**
 * Every error code that the API answers with, its status and title. `type` of a problem is the page of its code under
 * `/docs/errors/`.
 * @see RFC 9457
 */
export const PROBLEMS = {
  'invalid-request': { status: 400, title: 'The request is not valid' },
  'invalid-key': { status: 400, title: 'The object key is not valid' },
  'invalid-cursor': { status: 400, title: 'The cursor is not valid' },
  'invalid-mail-code': { status: 400, title: 'The code is incorrect or has expired' },
  'sign-in-expired': { status: 400, title: 'This sign-in is over' },
  'sign-in-refused': { status: 403, title: 'The sign-in was refused' },
  unauthenticated: { status: 401, title: 'Authentication is required' },
  'invalid-credentials': { status: 401, title: 'The e-mail address or password is incorrect' },
  'invalid-token': { status: 401, title: 'The token is not valid' },
  'invalid-code': { status: 401, title: 'The code is incorrect' },
  'token-expired': { status: 401, title: 'The token has expired' },
  'session-ended': { status: 401, title: 'Your session has ended' },
  'cross-site-request': { status: 403, title: 'The request came from another site' },
  'invalid-client': { status: 401, title: 'The client or its secret is incorrect' },
  'invalid-grant': { status: 400, title: 'The code is not valid' },
  'unsupported-grant-type': { status: 400, title: 'The grant type is not supported' },
  'invalid-scope': { status: 400, title: 'The scope is not supported' },
  'authorization-pending': { status: 400, title: 'The user has not decided yet' },
  'slow-down': { status: 400, title: 'The client asks too often' },
  'access-denied': { status: 400, title: 'The user refused the sign-in' },
  'device-code-expired': { status: 400, title: 'The device code has expired' },
  forbidden: { status: 403, title: 'Permission denied' },
  'insufficient-scope': { status: 403, title: 'The access token does not allow this' },
  'second-factor-required': { status: 403, title: 'A second factor is required' },
  'fresh-authentication-required': { status: 403, title: 'Confirm who you are' },
  'account-suspended': { status: 403, title: 'This account is suspended' },
  'no-personal-storage': { status: 403, title: 'This identity has no home' },
  'permission-expires-soon': { status: 409, title: 'The permission expires too soon' },
  'location-too-long': { status: 400, title: 'The folder name is too long for credentials' },
  'too-many-locations': { status: 400, title: 'These locations are too many for one set of credentials' },
  'credentials-unsupported': { status: 501, title: 'Temporary credentials are not available' },
  'tags-unsupported': { status: 501, title: 'This store has no tags' },
  'delivery-unsupported': { status: 501, title: 'Delivery by a content delivery network is not available' },
  'not-found': { status: 404, title: 'Not found' },
  'bucket-missing': { status: 404, title: 'The bucket does not exist' },
  'inventory-unreadable': { status: 422, title: 'The inventory cannot be read' },
  'upload-missing': { status: 404, title: 'The multipart upload does not exist' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  conflict: { status: 409, title: 'The change conflicts with what is there' },
  'identity-taken': { status: 409, title: 'Another user has this identity' },
  'quota-exceeded': { status: 403, title: 'The quota is used up' },
  'length-required': { status: 411, title: 'The length of the upload is required' },
  'last-administrator': { status: 409, title: 'The last administrator must stay one' },
  'precondition-failed': { status: 412, title: 'The resource has changed since it was read' },
  'payload-too-large': { status: 413, title: 'The request body is too large' },
  'unsupported-media-type': { status: 415, title: 'The media type of the request body is not supported' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Internal server error' },
  'audit-unavailable': { status: 503, title: 'The audit log is unavailable' },
  'database-unavailable': { status: 503, title: 'The database is unavailable' },
  'store-unavailable': { status: 503, title: 'The S3 store is unavailable' },
  'store-refused': { status: 502, title: "The S3 store rejected SkyCrate's request" },
  'mail-refused': { status: 502, title: 'The mail server refused the mail' },
  'mail-unavailable': { status: 503, title: 'The mail server is unavailable' },
  'issuer-unavailable': { status: 503, title: "The issuer's keys are unavailable" },
  'provisioning-failed': { status: 503, title: 'The home could not be created' },
} as const satisfies Record<string, { status: number; title: string }>

export type ProblemCode = keyof typeof PROBLEMS

export const Problem = Type.Object(
  {
    type: Type.String({ description: 'The URL of the page for this code.' }),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String({ description: 'Stable. One of the codes under /docs/errors/.' }),
    detail: Type.Optional(Type.String({ description: 'What to do about it, in words for a person.' })),
    requestId: Type.String({ description: 'Quote it when asking the operator.' }),
    errors: Type.Optional(
      Type.Array(Type.Object({ path: Type.String(), message: Type.String() }), {
        description: 'Every mistake in the request, with its path.',
      }),
    ),
  },
  { $id: 'Problem' },
)
export type Problem = Static<typeof Problem>
