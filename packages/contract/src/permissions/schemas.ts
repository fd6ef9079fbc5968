import { Type, type Static } from 'typebox'
import { Action, bucketName, closed, instant, nullable, Principal, storable, timestamp } from '../schemas.ts'

export const NewPermission = Type.Object(
  {
    principal: Principal,
    bucket: bucketName,
    prefix: Type.String({ maxLength: 1024, description: "'' or a folder that ends in '/'. May contain ${user.id}." }),
    actions: Type.Array(Action, { minItems: 1, uniqueItems: true }),
    expiresAt: Type.Optional(instant()),
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

const examplePermission = {
  id: 'prm_01kaj7x2v9c4t0m8q3n5p6r7s8',
  principal: { kind: 'group' as const, group: 'editors' },
  bucket: 'team-files',
  prefix: 'reports/',
  actions: ['read' as const, 'list' as const],
  expiresAt: null,
  description: 'Review of the annual report',
  createdAt: '2026-11-21T12:00:00.000Z',
}

export const Permission = Type.Object(
  {
    id: Type.String(),
    principal: Principal,
    bucket: Type.String(),
    prefix: Type.String(),
    actions: Type.Array(Action),
    expiresAt: nullable(timestamp('When the permission expires.')),
    description: Type.String(),
    createdAt: timestamp('When it was created.'),
  },
  { $id: 'Permission', examples: [examplePermission] },
)
export type Permission = Static<typeof Permission>

export const Permissions = Type.Object(
  { permissions: Type.Array(Permission), nextCursor: nullable(Type.String()) },
  { $id: 'Permissions', examples: [{ permissions: [examplePermission], nextCursor: null }] },
)
export type Permissions = Static<typeof Permissions>

export const ExplainRequest = Type.Object(
  {
    bucket: bucketName,
    key: Type.String({ maxLength: 4096, description: 'For list, the prefix to list.' }),
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
  { $id: 'Explanation', examples: [{ outcome: 'allow', permission: examplePermission, nearMisses: [] }] },
)
export type Explanation = Static<typeof Explanation>
