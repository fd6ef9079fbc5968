import { type Static, Type } from 'typebox'
import { closed, nullable, storable, timestamp } from '../schemas.ts'

const EXAMPLE = {
  id: 'dir_01kaj7x2v9c4t0m8q3n5p6r7s8',
  name: 'Okta',
  issuer: 'https://example.okta.com/oauth2/default',
  matchBy: 'external-id',
  groupIssuer: 'https://example.okta.com/oauth2/default',
  url: 'https://files.example.com/scim/v2',
  token: { createdAt: '2026-11-29T12:00:00.000Z', lastUsedAt: null },
  userCount: 120,
  groupCount: 7,
  createdAt: '2026-11-29T12:00:00.000Z',
  updatedAt: '2026-11-29T12:00:00.000Z',
} as const

const name = () => Type.String({ minLength: 1, maxLength: 100, ...storable })
const MatchBy = () =>
  Type.Enum(['external-id', 'email'], {
    description:
      "How a user is known who signs in. `external-id`: the issuer's subject is the directory's externalId. `email`: by the " +
      'e-mail address, where the issuer says that it is verified.',
  })

const fields = {
  id: Type.String(),
  name: Type.String(),
  issuer: nullable(Type.String({ description: 'Whose sign-ins the users take up; null: of any issuer.' })),
  matchBy: MatchBy(),
  groupIssuer: Type.String({ description: 'The issuer of its groups, as a permission for one names it.' }),
  url: Type.String({ description: 'Where the directory sends its requests to: the base URL of SCIM.' }),
  token: nullable(
    Type.Object({
      createdAt: timestamp('When the token was created.'),
      lastUsedAt: nullable(timestamp('When the token was last used, to the minute.')),
    }),
  ),
  userCount: Type.Integer({ minimum: 0 }),
  groupCount: Type.Integer({ minimum: 0 }),
  createdAt: timestamp('When the directory was created.'),
  updatedAt: timestamp('When the directory was last changed.'),
}

export const Directory = Type.Object(fields, { $id: 'Directory', examples: [EXAMPLE] })
export type Directory = Static<typeof Directory>

export const CreatedDirectory = Type.Object(
  { ...fields, secret: Type.String({ description: 'The token. It is shown once.' }) },
  {
    $id: 'CreatedDirectory',
    examples: [{ ...EXAMPLE, secret: 'skyd_Jd3mB2-example-of-a-token-of-a-directory-0A4' }],
  },
)
export type CreatedDirectory = Static<typeof CreatedDirectory>

export const Directories = Type.Object(
  { directories: Type.Array(Directory) },
  { $id: 'Directories', examples: [{ directories: [EXAMPLE] }] },
)
export type Directories = Static<typeof Directories>

export const NewDirectory = Type.Object(
  {
    name: name(),
    issuer: Type.Optional(
      nullable(
        Type.String({ minLength: 1, maxLength: 512, ...storable, description: 'One that this server accepts.' }),
      ),
    ),
    matchBy: Type.Optional(MatchBy()),
  },
  {
    ...closed,
    $id: 'NewDirectory',
    examples: [{ name: 'Okta', issuer: 'https://example.okta.com/oauth2/default', matchBy: 'external-id' }],
  },
)
export type NewDirectory = Static<typeof NewDirectory>

export const DirectoryChange = Type.Object(
  { name: name() },
  { ...closed, $id: 'DirectoryChange', examples: [{ name: 'Okta' }] },
)
export type DirectoryChange = Static<typeof DirectoryChange>
