import { Type, type Static } from 'typebox'
import { closed, nullable, storable, timestamp } from '../schemas.ts'

export const NewClient = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 200, ...storable, description: 'What the machine is for.' }) },
  { ...closed, $id: 'NewClient', examples: [{ name: 'Invoice importer' }] },
)

const client = {
  id: Type.String({ description: 'The `client_id`, and the id of the user to whom permissions are given.' }),
  name: Type.String(),
  state: Type.Enum(['active', 'suspended']),
  createdAt: timestamp('When it was created.'),
  secrets: Type.Array(
    Type.Object({
      id: Type.String(),
      createdAt: timestamp('When it was created.'),
      lastUsedAt: nullable(timestamp('The last use, exact to a minute.')),
    }),
    { description: 'Two at most, so that one can replace the other.' },
  ),
}
const exampleClient = {
  id: 'usr_01kaj7x2v9c4t0m8q3n5p6r7s8',
  name: 'Invoice importer',
  state: 'active' as const,
  createdAt: '2026-11-21T12:00:00.000Z',
  secrets: [{ id: 'sec_01kaj7x2v9c4t0m8q3n5p6r7s8', createdAt: '2026-11-21T12:00:00.000Z', lastUsedAt: null }],
}

export const Clients = Type.Object(
  { clients: Type.Array(Type.Object(client)) },
  { $id: 'Clients', examples: [{ clients: [exampleClient] }] },
)
export type Clients = Static<typeof Clients>

export const CreatedClient = Type.Object(
  { ...client, secret: Type.String({ description: 'The `client_secret`. It is shown this once.' }) },
  { $id: 'CreatedClient', examples: [{ ...exampleClient, secret: 'skyc_8dLk2mP0' }] },
)
export type CreatedClient = Static<typeof CreatedClient>

export const CreatedSecret = Type.Object(
  { id: Type.String(), secret: Type.String({ description: 'The `client_secret`. It is shown this once.' }) },
  { $id: 'CreatedSecret', examples: [{ id: 'sec_01kaj7x2v9c4t0m8q3n5p6r7s8', secret: 'skyc_8dLk2mP0' }] },
)
export type CreatedSecret = Static<typeof CreatedSecret>

export const ClientSecretParams = Type.Object(
  { id: Type.String({ maxLength: 64 }), secretId: Type.String({ maxLength: 64 }) },
  { $id: 'ClientSecretParams' },
)

/** Not closed: OAuth's clients send what they like beside. */
export const ClientTokenRequest = Type.Object(
  {
    grant_type: Type.String({ maxLength: 200, description: '`client_credentials`' }),
    client_id: Type.Optional(Type.String({ maxLength: 64, description: 'Absent with `Authorization: Basic`.' })),
    client_secret: Type.Optional(Type.String({ maxLength: 512 })),
    scope: Type.Optional(Type.String({ maxLength: 1024, description: 'Leave it out: permissions decide.' })),
  },
  {
    $id: 'ClientTokenRequest',
    examples: [
      { grant_type: 'client_credentials', client_id: 'usr_01kaj7x2v9c4t0m8q3n5p6r7s8', client_secret: 'skyc_8dLk2mP0' },
    ],
  },
)
export type ClientTokenRequest = Static<typeof ClientTokenRequest>

export const ClientToken = Type.Object(
  {
    access_token: Type.String({ description: 'Send it as `Authorization: Bearer …`.' }),
    token_type: Type.Literal('Bearer'),
    expires_in: Type.Integer({ description: 'Seconds.' }),
  },
  { $id: 'ClientToken', examples: [{ access_token: 'eyJhbGciOiJFUzI1NiJ9…', token_type: 'Bearer', expires_in: 1800 }] },
)
export type ClientToken = Static<typeof ClientToken>
