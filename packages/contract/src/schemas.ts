import { Type, type Static } from 'typebox'

const closed = { additionalProperties: false }
const timestamp = (description: string) => Type.String({ format: 'date-time', description })
/** The database has no form for U+0000, nor the calendar of computers for a leap second. */
const storable = { pattern: '^[^\\u0000]*$' }
const instant = () => Type.String({ format: 'date-time', pattern: ':[0-5]\\d(\\.\\d+)?([zZ]|[+-]\\d\\d:\\d\\d)$' })
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()])

export const Credentials = Type.Object(
  { email: Type.String({ minLength: 3, maxLength: 320 }), password: Type.String({ minLength: 1, maxLength: 1024 }) },
  { ...closed, $id: 'Credentials' },
)

export const RefreshRequest = Type.Object(
  { refresh_token: Type.String({ minLength: 1, maxLength: 512 }) },
  { ...closed, $id: 'RefreshRequest' },
)

export const Tokens = Type.Object(
  {
    access_token: Type.String({ description: 'Sent as `Authorization: Bearer …`.' }),
    token_type: Type.Literal('Bearer'),
    expires_in: Type.Integer({ description: 'Seconds.' }),
    refresh_token: Type.String({ description: 'Good once: each refresh gives the next.' }),
  },
  { $id: 'Tokens' },
)
export type Tokens = Static<typeof Tokens>

export const PasswordChange = Type.Object(
  {
    currentPassword: Type.String({ minLength: 1, maxLength: 1024 }),
    newPassword: Type.String({ minLength: 12, maxLength: 1024, description: 'At least 12 characters.' }),
  },
  { ...closed, $id: 'PasswordChange' },
)

export const Me = Type.Object(
  {
    id: Type.String(),
    email: nullable(Type.String()),
    name: nullable(Type.String()),
    isAdmin: Type.Boolean(),
    groups: Type.Array(Type.String()),
    issuer: Type.String({ description: 'Who vouched for this sign-in.' }),
    createdAt: timestamp('When SkyCrate first saw this person.'),
  },
  { $id: 'Me' },
)
export type Me = Static<typeof Me>

export const Home = Type.Object(
  {
    bucket: Type.String(),
    prefix: Type.String({ description: "'' or ending in '/'." }),
    region: Type.String(),
    state: Type.Literal('ready'),
    layout: Type.Enum(['bucket-per-user', 'shared-bucket']),
    steps: Type.Array(
      Type.Object({
        step: Type.String(),
        outcome: Type.Enum(['applied', 'unsupported', 'failed']),
        reason: nullable(Type.String()),
      }),
      { description: 'What was done to make it, and what this store cannot do.' },
    ),
  },
  { $id: 'Home' },
)
export type Home = Static<typeof Home>

const bucketName = Type.String({ minLength: 1, maxLength: 255 })
// The byte limit and the refused forms are checked by the server's parseKey, which can say which rule was broken.
const key = Type.String({ maxLength: 4096 })

export const PresignRequest = Type.Object(
  {
    bucket: bucketName,
    key,
    operation: Type.Enum(['get', 'put', 'head', 'delete']),
    expiresIn: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 604_800, default: 3600, description: 'Seconds; at most 7 days.' }),
    ),
    contentType: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 255,
        pattern: '^[\\x20-\\x7e]+$',
        description: 'For put: signed, so the upload must send it.',
      }),
    ),
    contentLength: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 5_368_709_120,
        description: 'Bytes, for put: signed, so the upload must have this size.',
      }),
    ),
    downloadAs: Type.Optional(
      Type.String({ minLength: 1, maxLength: 255, description: 'For get: the browser saves it under this file name.' }),
    ),
  },
  { ...closed, $id: 'PresignRequest' },
)
export type PresignRequest = Static<typeof PresignRequest>

export const PresignedUrl = Type.Object(
  {
    url: Type.String({ description: 'Talks straight to S3; whoever holds it can use it until it ends.' }),
    method: Type.String(),
    headers: Type.Record(Type.String(), Type.String(), { description: 'Send exactly these with it.' }),
    expiresAt: timestamp('When it ends.'),
  },
  { $id: 'PresignedUrl' },
)
export type PresignedUrl = Static<typeof PresignedUrl>

export const ObjectList = Type.Object(
  {
    objects: Type.Array(
      Type.Object({
        key: Type.String(),
        size: Type.Integer({ description: 'Bytes.' }),
        etag: Type.String(),
        lastModified: timestamp('When it was written.'),
        storageClass: Type.String(),
      }),
    ),
    prefixes: Type.Array(Type.String(), { description: 'Folders: what follows the prefix up to the delimiter.' }),
    nextCursor: nullable(Type.String({ description: 'Give it back to get the next page; null on the last.' })),
  },
  { $id: 'ObjectList' },
)
export type ObjectList = Static<typeof ObjectList>

export const ListQuery = Type.Object(
  {
    prefix: Type.Optional(Type.String({ maxLength: 4096, default: '' })),
    delimiter: Type.Optional(Type.String({ maxLength: 8, description: "'/' groups by folder." })),
    cursor: Type.Optional(Type.String({ maxLength: 8192 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 1000 })),
  },
  { ...closed, $id: 'ListQuery' },
)

export const Action = Type.Enum(['read', 'write', 'delete', 'list'])

export const Buckets = Type.Object(
  {
    buckets: Type.Array(
      Type.Object({
        bucket: Type.String(),
        locations: Type.Array(Type.Object({ prefix: Type.String(), actions: Type.Array(Action) })),
        moreLocations: Type.Boolean({ description: 'Whether there are more than the 100 that are named here.' }),
      }),
      { description: 'Where the caller may do something, and what.' },
    ),
    nextCursor: nullable(Type.String()),
  },
  { $id: 'Buckets' },
)
export type Buckets = Static<typeof Buckets>

export const Outcome = Type.Enum(['allow', 'deny', 'error'])
export type Outcome = Static<typeof Outcome>

export const AuditEvent = Type.Object(
  {
    id: Type.String(),
    at: timestamp('When it was decided.'),
    action: Type.String({
      description: 'For example object.get, object.put, object.delete, object.list, home.create, auth.login.',
    }),
    outcome: Outcome,
    userId: nullable(Type.String()),
    userEmail: nullable(Type.String({ description: 'As it is known now; the id is what was recorded.' })),
    bucket: nullable(Type.String()),
    key: nullable(Type.String()),
    reason: nullable(
      Type.String({ description: 'Why it was refused or failed; the permission that allowed it otherwise.' }),
    ),
    requestId: Type.String(),
    ip: nullable(Type.String()),
    userAgent: nullable(Type.String()),
  },
  { $id: 'AuditEvent' },
)
export type AuditEvent = Static<typeof AuditEvent>

export const AuditEvents = Type.Object(
  { events: Type.Array(AuditEvent), nextCursor: nullable(Type.String()) },
  { $id: 'AuditEvents' },
)
export type AuditEvents = Static<typeof AuditEvents>

export const AuditQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    cursor: Type.Optional(Type.String({ maxLength: 128 })),
    action: Type.Optional(Type.String({ maxLength: 64, ...storable })),
    outcome: Type.Optional(Outcome),
    from: Type.Optional(instant()),
    to: Type.Optional(instant()),
  },
  { ...closed, $id: 'AuditQuery' },
)

const principal = Type.Union([
  Type.Object({ kind: Type.Literal('user'), userId: Type.String({ maxLength: 64, ...storable }) }, closed),
  Type.Object(
    { kind: Type.Literal('group'), group: Type.String({ minLength: 1, maxLength: 256, ...storable }) },
    closed,
  ),
  Type.Object({ kind: Type.Literal('everyone') }, closed),
  Type.Object({ kind: Type.Literal('guest') }, closed),
])

export const NewPermission = Type.Object(
  {
    principal,
    bucket: bucketName,
    prefix: Type.String({ maxLength: 1024, description: "'' or ending in '/'; may hold ${user.id}." }),
    actions: Type.Array(Action, { minItems: 1, uniqueItems: true }),
    expiresAt: Type.Optional(instant()),
    description: Type.Optional(Type.String({ maxLength: 1000, ...storable })),
  },
  { ...closed, $id: 'NewPermission' },
)
export type NewPermission = Static<typeof NewPermission>

export const Permission = Type.Object(
  {
    id: Type.String(),
    principal,
    bucket: Type.String(),
    prefix: Type.String(),
    actions: Type.Array(Action),
    expiresAt: nullable(timestamp('When it stops to hold.')),
    description: Type.String(),
    createdAt: timestamp('When it was made.'),
  },
  { $id: 'Permission' },
)
export type Permission = Static<typeof Permission>

export const Permissions = Type.Object(
  { permissions: Type.Array(Permission), nextCursor: nullable(Type.String()) },
  { $id: 'Permissions' },
)
export type Permissions = Static<typeof Permissions>

export const ExplainRequest = Type.Object(
  {
    bucket: bucketName,
    key: Type.String({ maxLength: 4096, description: 'For list: the prefix that is listed.' }),
    action: Action,
    userId: Type.Optional(
      Type.String({
        maxLength: 64,
        ...storable,
        description: 'Somebody else, for administrators; groups come from tokens and do not count then.',
      }),
    ),
  },
  { ...closed, $id: 'ExplainRequest' },
)
export type ExplainRequest = Static<typeof ExplainRequest>

export const Explanation = Type.Object(
  {
    outcome: Type.Enum(['allow', 'deny']),
    permission: nullable(Permission),
    nearMisses: Type.Array(
      Type.Object({
        why: Type.Enum(['other-prefix', 'other-action', 'expired']),
        permission: Permission,
      }),
      {
        description: 'On a refusal: permissions on the same bucket that do not reach, and what each lacks; at most 20.',
      },
    ),
  },
  { $id: 'Explanation' },
)
export type Explanation = Static<typeof Explanation>

export const PageQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    cursor: Type.Optional(Type.String({ maxLength: 128 })),
  },
  { ...closed, $id: 'PageQuery' },
)

export const BucketParams = Type.Object({ bucket: bucketName }, { $id: 'BucketParams' })
export const IdParams = Type.Object({ id: Type.String({ maxLength: 64 }) }, { $id: 'IdParams' })
