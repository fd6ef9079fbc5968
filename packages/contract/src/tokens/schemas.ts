import { Type, type Static } from 'typebox'
import { Action, bucketName, closed, instant, nullable, storable, timestamp } from '../schemas.ts'

const actions = Type.Array(Action, { minItems: 1, maxItems: 4, uniqueItems: true })

const TokenPlace = Type.Object(
  {
    store: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 32,
        pattern: '^[a-z0-9][a-z0-9-]*$',
        description: 'Defaults to `default`.',
      }),
    ),
    bucket: Type.Optional(bucketName),
    prefix: Type.Optional(
      Type.String({
        maxLength: 1024,
        ...storable,
        description: "With bucket: '' or a folder that ends in '/'. Variables are not replaced.",
      }),
    ),
    actions,
  },
  closed,
)

export const NewToken = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100, ...storable, description: 'What it is for.' }),
    scopes: Type.Array(TokenPlace, {
      maxItems: 20,
      description:
        'Where the token may do what. It can do there what its user may do, and nothing else. A scope without a bucket is for all.',
    }),
    admin: Type.Optional(
      Type.Boolean({ description: 'Whether it may use administrative functions. For administrators only.' }),
    ),
    expiresAt: instant(),
  },
  {
    ...closed,
    $id: 'NewToken',
    examples: [
      {
        name: 'Nightly report',
        scopes: [{ bucket: 'team-files', prefix: 'reports/', actions: ['read', 'list'] }],
        expiresAt: '2027-01-01T00:00:00Z',
      },
    ],
  },
)
export type NewToken = Static<typeof NewToken>

const token = {
  id: Type.String(),
  name: Type.String(),
  scopes: Type.Array(
    Type.Object({
      store: Type.String(),
      bucket: nullable(Type.String({ description: 'Null: every bucket.' })),
      prefix: Type.String(),
      actions: Type.Array(Action),
    }),
  ),
  admin: Type.Boolean({
    description: 'Whether it may use administrative functions, while its user is an administrator.',
  }),
  createdAt: timestamp('When it was created.'),
  expiresAt: timestamp('When it expires.'),
  lastUsedAt: nullable(timestamp('The last use, exact to a minute. Null if it was never used.')),
}

const exampleToken = {
  id: 'tok_01kaj7x2v9c4t0m8q3n5p6r7s8',
  name: 'Nightly report',
  scopes: [{ store: 'default', bucket: 'team-files', prefix: 'reports/', actions: ['read' as const, 'list' as const] }],
  admin: false,
  createdAt: '2026-11-21T12:00:00.000Z',
  expiresAt: '2027-01-01T00:00:00.000Z',
  lastUsedAt: null,
}

export const CreatedToken = Type.Object(
  { ...token, token: Type.String({ description: 'Send it as `Authorization: Bearer …`. It is shown this once.' }) },
  { $id: 'CreatedToken', examples: [{ ...exampleToken, token: 'skyp_4fXo2cP0aWk1d9' }] },
)
export type CreatedToken = Static<typeof CreatedToken>

export const AccessTokens = Type.Object(
  { tokens: Type.Array(Type.Object(token)) },
  { $id: 'AccessTokens', examples: [{ tokens: [exampleToken] }] },
)
export type AccessTokens = Static<typeof AccessTokens>

export const UserTokenParams = Type.Object(
  { id: Type.String({ maxLength: 64 }), tokenId: Type.String({ maxLength: 64 }) },
  { $id: 'UserTokenParams' },
)
