import { Type, type Static } from 'typebox'
import { closed, nullable, storable, timestamp } from '../schemas.ts'

const exampleHome = {
  userId: 'usr_01kaj7x2v9c4t0m8q3n5p6r7s8',
  email: 'ada@example.com',
  name: 'Ada',
  identities: [{ issuer: 'https://issuer.example.com/', subject: 'auth0|42' }],
  store: 'default',
  bucket: 'skycrate-01kaj7x2v9c4t0m8q3n5p6r7s8-1795233600000',
  prefix: '',
  region: 'us-east-1',
  layout: 'bucket-per-user' as const,
  state: 'ready' as const,
  steps: [{ step: 'encryption', outcome: 'applied' as const, reason: null }],
  createdAt: '2026-11-21T12:00:00.000Z',
  updatedAt: '2026-11-21T12:00:00.000Z',
}

export const UserHome = Type.Object(
  {
    userId: Type.String(),
    email: nullable(Type.String()),
    name: nullable(Type.String()),
    identities: Type.Array(Type.Object({ issuer: Type.String(), subject: Type.String() })),
    store: Type.String(),
    bucket: Type.String(),
    prefix: Type.String({ description: "'' or a folder that ends in '/'." }),
    region: Type.String(),
    layout: Type.Enum(['bucket-per-user', 'shared-bucket']),
    state: Type.Enum(['provisioning', 'ready', 'failed', 'deleting']),
    steps: Type.Array(
      Type.Object({
        step: Type.String(),
        outcome: Type.Enum(['applied', 'unsupported', 'failed']),
        reason: nullable(Type.String()),
      }),
      { description: 'The provisioning steps and their outcomes.' },
    ),
    createdAt: timestamp('When it was begun.'),
    updatedAt: timestamp('When its state last changed.'),
  },
  { $id: 'UserHome', examples: [exampleHome] },
)
export type UserHome = Static<typeof UserHome>

export const UserHomes = Type.Object(
  { homes: Type.Array(UserHome), nextCursor: nullable(Type.String()) },
  { $id: 'UserHomes', examples: [{ homes: [exampleHome], nextCursor: null }] },
)
export type UserHomes = Static<typeof UserHomes>

export const HomesQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    cursor: Type.Optional(Type.String({ maxLength: 64, ...storable })),
    state: Type.Optional(Type.Enum(['provisioning', 'ready', 'failed', 'deleting'])),
    search: Type.Optional(
      Type.String({
        maxLength: 255,
        ...storable,
        description: 'Part of an e-mail address, a name, an id or a bucket.',
      }),
    ),
  },
  { ...closed, $id: 'HomesQuery' },
)
export type HomesQuery = Static<typeof HomesQuery>

export const HomeParams = Type.Object({ userId: Type.String({ maxLength: 64, ...storable }) }, { $id: 'HomeParams' })

export const HomeDeletionQuery = Type.Object(
  {
    contents: Type.Enum(['delete', 'keep', 'hand-over'], {
      description: '`keep`: the contents stay for administrators. `hand-over`: `to` gets every action on them.',
    }),
    to: Type.Optional(Type.String({ maxLength: 64, ...storable, description: 'A user id, for hand-over.' })),
  },
  { ...closed, $id: 'HomeDeletionQuery' },
)
export type HomeDeletionQuery = Static<typeof HomeDeletionQuery>
