import { Type, type Static } from 'typebox'
import { closed, nullable, storable, timestamp } from '../schemas.ts'

const EXAMPLE = {
  id: 'grp_01kaj7x2v9c4t0m8q3n5p6r7s8',
  name: 'editors',
  issuer: null,
  description: 'Who may change the reports',
  requiresSecondFactor: false,
  memberCount: 1,
  createdAt: '2026-11-29T12:00:00.000Z',
  updatedAt: '2026-11-29T12:00:00.000Z',
} as const
const MEMBER = {
  id: 'usr_01kaj7x2v9c4t0m8q3n5p6r7s8',
  email: 'ada@example.com',
  emailVerified: true,
  name: 'Ada',
  addedAt: '2026-11-29T12:00:00.000Z',
} as const

export const GroupMember = Type.Object(
  {
    id: Type.String(),
    email: nullable(Type.String()),
    emailVerified: Type.Boolean(),
    name: nullable(Type.String()),
    addedAt: timestamp('When the user became a member.'),
  },
  { $id: 'GroupMember' },
)
export type GroupMember = Static<typeof GroupMember>

const groupFields = {
  id: Type.String(),
  name: Type.String(),
  issuer: nullable(Type.String({ description: "Whose claim says the group; null for SkyCrate's own groups." })),
  description: Type.String(),
  requiresSecondFactor: Type.Boolean({ description: 'Whether members can do nothing without a second factor.' }),
  memberCount: Type.Integer({ minimum: 0 }),
  createdAt: timestamp('When the group was created, or first seen in a token.'),
  updatedAt: timestamp('When the group was last changed.'),
}

export const GroupSummary = Type.Object(groupFields, { $id: 'GroupSummary' })
export type GroupSummary = Static<typeof GroupSummary>

export const Group = Type.Object(
  {
    ...groupFields,
    members: Type.Array(GroupMember, { description: 'At most 1,000; `GET /groups/{id}/members` pages through all.' }),
  },
  { $id: 'Group', examples: [{ ...EXAMPLE, members: [MEMBER] }] },
)
export type Group = Static<typeof Group>

export const Groups = Type.Object(
  { groups: Type.Array(GroupSummary), nextCursor: nullable(Type.String()) },
  { $id: 'Groups', examples: [{ groups: [EXAMPLE], nextCursor: null }] },
)
export type Groups = Static<typeof Groups>

export const GroupMembers = Type.Object(
  { members: Type.Array(GroupMember), nextCursor: nullable(Type.String()) },
  { $id: 'GroupMembers', examples: [{ members: [MEMBER], nextCursor: null }] },
)
export type GroupMembers = Static<typeof GroupMembers>

export const GroupsQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    cursor: Type.Optional(Type.String({ maxLength: 2048 })),
    search: Type.Optional(Type.String({ maxLength: 256, ...storable, description: 'The beginning of the name.' })),
  },
  { ...closed, $id: 'GroupsQuery' },
)
export type GroupsQuery = Static<typeof GroupsQuery>

export const GroupChange = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 256, ...storable }),
    description: Type.Optional(Type.String({ maxLength: 1000, ...storable })),
    requiresSecondFactor: Type.Optional(
      Type.Boolean({ description: "Only of SkyCrate's own groups. Absent: as before, and false for a new group." }),
    ),
  },
  { ...closed, $id: 'GroupChange', examples: [{ name: 'editors', description: 'Who may change the reports' }] },
)
export type GroupChange = Static<typeof GroupChange>

export const MemberParams = Type.Object(
  { id: Type.String({ maxLength: 64 }), userId: Type.String({ maxLength: 64 }) },
  { $id: 'MemberParams' },
)
