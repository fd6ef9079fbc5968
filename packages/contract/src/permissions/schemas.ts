import { Type, type Static } from 'typebox'
import { Action, bucketName, closed, instant, nullable, Principal, storable, timestamp } from '../schemas.ts'

const store = Type.String({
  minLength: 1,
  maxLength: 32,
  pattern: '^[a-z0-9][a-z0-9-]*$',
  description: 'Defaults to the configured store, `default`.',
})
const userId = Type.String({ maxLength: 64, ...storable })
const operationKey = Type.String({
  maxLength: 4096,
  ...storable,
  description: 'An object key. For list, the prefix to list.',
})

export const NewPermission = Type.Object(
  {
    principal: Principal,
    store: Type.Optional(store),
    bucket: bucketName,
    prefix: Type.String({
      maxLength: 1024,
      ...storable,
      description: "'' or a folder that ends in '/'. May contain ${user.id} and ${user.email}.",
    }),
    actions: Type.Array(Action, { minItems: 1, uniqueItems: true }),
    expiresAt: Type.Optional(nullable(instant())),
    description: Type.Optional(Type.String({ maxLength: 1000, ...storable })),
  },
  {
    ...closed,
    $id: 'NewPermission',
    examples: [
      {
        principal: { kind: 'group', group: 'editors' },
        bucket: 'team-files',
        prefix: 'reports/',
        actions: ['read', 'list'],
        expiresAt: '2027-01-01T00:00:00Z',
        description: 'Review of the annual report',
      },
    ],
  },
)
export type NewPermission = Static<typeof NewPermission>

const exampleTimes = { createdAt: '2026-11-21T12:00:00.000Z', updatedAt: '2026-11-21T12:00:00.000Z' }

const examplePermission = {
  id: 'prm_01kaj7x2v9c4t0m8q3n5p6r7s8',
  principal: { kind: 'group' as const, group: 'editors' },
  principalName: 'editors',
  store: 'default',
  bucket: 'team-files',
  prefix: 'reports/',
  actions: ['read' as const, 'list' as const],
  expiresAt: null,
  description: 'Review of the annual report',
  ...exampleTimes,
}

export const Permission = Type.Object(
  {
    id: Type.String(),
    principal: Principal,
    principalName: Type.String({
      description: "For display: the user's name, verified e-mail address or id, or the group's name.",
    }),
    store: Type.String(),
    bucket: Type.String(),
    prefix: Type.String(),
    actions: Type.Array(Action),
    expiresAt: nullable(timestamp('When the permission expires.')),
    description: Type.String(),
    createdAt: timestamp('When it was created.'),
    updatedAt: timestamp('When it was last changed. The `ETag` is made of it.'),
  },
  { $id: 'Permission', examples: [examplePermission] },
)
export type Permission = Static<typeof Permission>

export const Permissions = Type.Object(
  {
    permissions: Type.Array(Permission),
    nextCursor: nullable(Type.String({ description: 'Where the next page starts. Null on the last page.' })),
  },
  { $id: 'Permissions', examples: [{ permissions: [examplePermission], nextCursor: null }] },
)
export type Permissions = Static<typeof Permissions>

const filter = {
  kind: Type.Optional(Type.Enum(['user', 'group', 'everyone', 'guest'])),
  userId: Type.Optional(userId),
  group: Type.Optional(Type.String({ minLength: 1, maxLength: 256, ...storable, description: "A group's name." })),
  issuer: Type.Optional(
    Type.String({
      maxLength: 512,
      ...storable,
      description: "With group: whose claim says it. Empty for SkyCrate's own groups; absent for both.",
    }),
  ),
  store: Type.Optional(store),
  bucket: Type.Optional(bucketName),
  prefix: Type.Optional(
    Type.String({
      maxLength: 1024,
      ...storable,
      description: 'With bucket: permissions whose prefix begins with this text.',
    }),
  ),
}

export const PermissionFilter = Type.Object(filter, { ...closed, $id: 'PermissionFilter' })
export type PermissionFilter = Static<typeof PermissionFilter>

export const PermissionQuery = Type.Object(
  {
    ...filter,
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    cursor: Type.Optional(Type.String({ maxLength: 4096 })),
  },
  { ...closed, $id: 'PermissionQuery' },
)
export type PermissionQuery = Static<typeof PermissionQuery>

export const ExplainRequest = Type.Object(
  {
    store: Type.Optional(store),
    bucket: bucketName,
    key: operationKey,
    action: Action,
    userId: Type.Optional(
      Type.String({
        maxLength: 64,
        ...storable,
        description: 'Somebody else, for administrators. Groups in tokens count as of the last sign-in.',
      }),
    ),
  },
  { ...closed, $id: 'ExplainRequest', examples: [{ bucket: 'team-files', key: 'reports/2026.pdf', action: 'read' }] },
)
export type ExplainRequest = Static<typeof ExplainRequest>

export const Explanation = Type.Object(
  {
    outcome: Type.Enum(['allow', 'deny']),
    reason: nullable(
      Type.Enum(['no-permission', 'expired', 'bucket-missing'], {
        description:
          'Null if allowed. `bucket-missing`: a permission matches, but the store does not have the bucket; the operation answers 404.',
      }),
    ),
    permission: nullable(Permission),
    nearMisses: Type.Array(
      Type.Object({
        why: Type.Enum(['other-prefix', 'other-action', 'expired']),
        permission: Permission,
      }),
      {
        description: 'If refused: at most 20 permissions on the same bucket that do not apply, each with the reason.',
      },
    ),
  },
  {
    $id: 'Explanation',
    examples: [{ outcome: 'allow', reason: null, permission: examplePermission, nearMisses: [] }],
  },
)
export type Explanation = Static<typeof Explanation>

export const WhoCanRequest = Type.Object(
  { store: Type.Optional(store), bucket: bucketName, key: operationKey, action: Action },
  { ...closed, $id: 'WhoCanRequest', examples: [{ bucket: 'team-files', key: 'reports/2026.pdf', action: 'read' }] },
)
export type WhoCanRequest = Static<typeof WhoCanRequest>

export const WhoCan = Type.Object(
  {
    principals: Type.Array(
      Type.Object({
        kind: Type.Enum(['user', 'group', 'everyone', 'guest']),
        id: nullable(Type.String({ description: "The user's id or the group's name. Null for everyone and guest." })),
        issuer: Type.Optional(nullable(Type.String({ description: 'For groups: whose claim says the group.' }))),
        name: Type.String({ description: 'For display.' }),
        state: Type.Optional(Type.String({ description: "For users: only 'active' users can sign in." })),
        permissionId: Type.String(),
        expiresAt: nullable(timestamp('When the permission expires.')),
      }),
      {
        description:
          'Whose permissions allow the operation now. A permission with a variable names the user whose folder it is.',
      },
    ),
    morePrincipals: Type.Boolean({ description: 'Whether there are more than the 1,000 that are listed.' }),
    users: Type.Integer({
      description: 'How many active users that is. Members of groups in tokens count as of their last sign-in.',
    }),
  },
  {
    $id: 'WhoCan',
    examples: [
      {
        principals: [
          {
            kind: 'group',
            id: 'editors',
            issuer: null,
            name: 'editors',
            permissionId: 'prm_01kaj7x2v9c4t0m8q3n5p6r7s8',
            expiresAt: null,
          },
        ],
        morePrincipals: false,
        users: 12,
      },
    ],
  },
)
export type WhoCan = Static<typeof WhoCan>

export const PreviewRequest = Type.Union(
  [
    Type.Object({ create: NewPermission }, closed),
    Type.Object(
      { update: Type.Object({ id: Type.String({ maxLength: 64 }), permission: NewPermission }, closed) },
      closed,
    ),
    Type.Object({ delete: Type.Object({ id: Type.String({ maxLength: 64 }) }, closed) }, closed),
  ],
  { $id: 'PreviewRequest', examples: [{ delete: { id: 'prm_01kaj7x2v9c4t0m8q3n5p6r7s8' } }] },
)
export type PreviewRequest = Static<typeof PreviewRequest>

const AccessChange = Type.Object(
  {
    store: Type.String(),
    bucket: Type.String(),
    prefix: Type.String({ description: 'Everything below it, except what is below `except`.' }),
    except: Type.Array(Type.String(), { description: 'Folders where nothing changes, or something else does.' }),
    actions: Type.Array(Action),
    from: timestamp('When the change takes effect.'),
    until: nullable(timestamp('When it ends. Null if it does not end.')),
  },
  { $id: 'AccessChange' },
)
export type AccessChange = Static<typeof AccessChange>

const exampleChange = {
  store: 'default',
  bucket: 'team-files',
  prefix: 'reports/',
  except: ['reports/public/'],
  actions: ['read' as const, 'list' as const],
  from: '2026-11-29T12:00:00.000Z',
  until: null,
}

export const Preview = Type.Object(
  {
    sameAs: nullable(
      Type.String({ description: 'The id of another permission that grants the same. The change would be no change.' }),
    ),
    changes: Type.Array(
      Type.Object({
        principal: Principal,
        principalName: Type.String(),
        gains: Type.Array(AccessChange),
        losses: Type.Array(AccessChange),
        people: Type.Integer({
          description: 'How many active users the principal stands for. Groups in tokens count as of the last sign-in.',
        }),
        exceptions: Type.Array(
          Type.Object({
            userId: Type.String(),
            name: Type.String(),
            gains: Type.Array(AccessChange),
            losses: Type.Array(AccessChange),
          }),
          {
            description:
              'Users of the principal for whom the change comes to something else, because other permissions apply to them.',
          },
        ),
        allPeopleCompared: Type.Boolean({
          description: 'Whether each user was compared. At most 500 users are; others may gain or lose less.',
        }),
      }),
      { description: 'For each principal that the change affects: what it gains and loses, exactly.' },
    ),
  },
  {
    $id: 'Preview',
    examples: [
      {
        sameAs: null,
        changes: [
          {
            principal: { kind: 'group', group: 'editors' },
            principalName: 'editors',
            gains: [],
            losses: [exampleChange],
            people: 12,
            exceptions: [],
            allPeopleCompared: true,
          },
        ],
      },
    ],
  },
)
export type Preview = Static<typeof Preview>

export const ImportQuery = Type.Object(
  {
    dryRun: Type.Optional(
      Type.Enum(['true', 'false'], { default: 'false', description: 'Only check the file; change nothing.' }),
    ),
  },
  { ...closed, $id: 'ImportQuery' },
)

export const ImportReport = Type.Object(
  {
    dryRun: Type.Boolean(),
    lines: Type.Integer({ description: 'Permissions in the file.' }),
    created: Type.Integer({ description: 'Permissions that were created, or would be.' }),
    unchanged: Type.Integer({ description: 'Lines that repeat a permission which exists already.' }),
    mistakes: Type.Array(
      Type.Object({
        line: Type.Integer({ description: 'The line in the file. The header is line 1.' }),
        column: nullable(Type.String()),
        message: Type.String(),
      }),
      { description: 'Every mistake in the file. A file with mistakes is not imported.' },
    ),
  },
  {
    $id: 'ImportReport',
    examples: [{ dryRun: true, lines: 120, created: 118, unchanged: 2, mistakes: [] }],
  },
)
export type ImportReport = Static<typeof ImportReport>
