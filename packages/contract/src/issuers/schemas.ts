import { ALGORITHMS } from '@skycrate/core/identity/issuer-settings'
import { type Static, Type } from 'typebox'
import { closed, nullable, storable, timestamp } from '../schemas.ts'

const text = (description?: string) =>
  Type.String({ minLength: 1, maxLength: 512, ...storable, ...(description === undefined ? {} : { description }) })
const oneOrMore = (description: string) =>
  Type.Union([text(), Type.Array(text(), { minItems: 1, maxItems: 64 })], { description })

const ClaimNames = Type.Object(
  {
    subject: Type.Optional(text('What an identity is known by. Default: `sub`.')),
    email: Type.Optional(text()),
    emailVerified: Type.Optional(text()),
    name: Type.Optional(text()),
    groups: Type.Optional(Type.Union([text(), Type.Array(text(), { minItems: 1, maxItems: 16 })])),
    groupsSeparator: Type.Optional(Type.String({ minLength: 1, maxLength: 16, ...storable })),
  },
  { ...closed, description: 'Names of the claims that say it.' },
)

const EntryRules = Type.Object(
  {
    emailDomains: Type.Optional(Type.Array(text(), { maxItems: 256, description: 'Of a verified e-mail address.' })),
    emailVerified: Type.Optional(Type.Boolean()),
    groups: Type.Optional(Type.Array(text(), { maxItems: 256, description: 'One of them is enough.' })),
  },
  { ...closed, description: 'Who may enter: every rule that there is must be met. Absent: everybody.' },
)

const Scopes = Type.Array(Type.String({ pattern: '^[\\x21\\x23-\\x5B\\x5D-\\x7E]+$', maxLength: 512 }), {
  maxItems: 64,
  description: 'What a sign-in in the browser asks for besides `openid`. Default: `email`, `profile`.',
})

const Direct = Type.Boolean({
  description:
    'People who open the web app signed out go straight to this issuer. `/sign-in` still shows every way to sign in. Of several such issuers none is taken.',
})

const fields = {
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 100, ...storable, description: 'Default: its host.' })),
  issuer: text("Exactly as in the tokens' `iss`."),
  audience: Type.Optional(oneOrMore("A token's `aud` must name one of them. This or `clientId` is needed.")),
  clientId: Type.Optional(
    oneOrMore('Clients whose tokens are accepted. People sign in here in the browser by the first.'),
  ),
  algorithms: Type.Optional(Type.Array(Type.Enum([...ALGORITHMS]), { minItems: 1, maxItems: ALGORITHMS.length })),
  claims: Type.Optional(ClaimNames),
  jwksUri: Type.Optional(text('Where the keys are. Absent: as the discovery document says.')),
  clockToleranceSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 300 })),
  adminGroups: Type.Optional(Type.Array(text(), { maxItems: 64, description: 'Their members are administrators.' })),
  scopes: Type.Optional(Scopes),
  direct: Type.Optional(Direct),
  allow: Type.Optional(EntryRules),
}

/** An issuer in the configuration. */
export const IssuerInput = Type.Object({ ...fields, clientSecret: Type.Optional(text()) }, closed)
export type IssuerInput = Static<typeof IssuerInput>

const INPUT_EXAMPLE = {
  name: 'Auth0',
  issuer: 'https://tenant.eu.auth0.com/',
  audience: 'https://files.example.com/api',
  clientId: '6h8fq2l0k2',
  clientSecret: 'the secret of that client',
  claims: { groups: 'https://files.example.com/groups' },
  adminGroups: ['files-admins'],
  allow: { emailDomains: ['example.com'] },
} as const

export const NewIssuer = Type.Object(
  {
    ...fields,
    clientSecret: Type.Optional(
      nullable(text('Of the first client, where it has one. In a change: absent to keep it, null to delete it.')),
    ),
  },
  { ...closed, $id: 'NewIssuer', examples: [INPUT_EXAMPLE] },
)
export type NewIssuer = Static<typeof NewIssuer>

const EXAMPLE = {
  id: 'iss_01kaj7x2v9c4t0m8q3n5p6r7s8',
  name: 'Auth0',
  source: 'database',
  issuer: 'https://tenant.eu.auth0.com/',
  audience: ['https://files.example.com/api'],
  clientId: ['6h8fq2l0k2'],
  hasClientSecret: true,
  algorithms: ['RS256'],
  claims: { groups: 'https://files.example.com/groups' },
  clockToleranceSeconds: 60,
  adminGroups: ['files-admins'],
  allow: { emailDomains: ['example.com'] },
  userCount: 120,
  createdAt: '2026-11-29T12:00:00.000Z',
  updatedAt: '2026-11-29T12:00:00.000Z',
} as const

const viewFields = {
  id: Type.String(),
  name: Type.String(),
  source: Type.Enum(['configuration', 'database'], { description: '`configuration`: only the operator changes it.' }),
  issuer: Type.String(),
  audience: Type.Array(Type.String()),
  clientId: Type.Array(Type.String()),
  hasClientSecret: Type.Boolean(),
  algorithms: Type.Array(Type.String()),
  claims: ClaimNames,
  jwksUri: Type.Optional(Type.String()),
  clockToleranceSeconds: Type.Integer(),
  adminGroups: Type.Array(Type.String()),
  scopes: Type.Optional(Scopes),
  direct: Type.Optional(Direct),
  allow: Type.Optional(EntryRules),
  userCount: Type.Integer({ minimum: 0, description: 'Users with an identity of this issuer.' }),
  createdAt: Type.Optional(timestamp('When the issuer was added; absent for one of the configuration.')),
  updatedAt: Type.Optional(timestamp('When the issuer was last changed.')),
}

export const Issuer = Type.Object(viewFields, { $id: 'Issuer', examples: [EXAMPLE] })
export type Issuer = Static<typeof Issuer>

export const Issuers = Type.Object(
  { issuers: Type.Array(Issuer) },
  { $id: 'Issuers', examples: [{ issuers: [EXAMPLE] }] },
)
export type Issuers = Static<typeof Issuers>

export const IssuerTest = Type.Object(
  {
    id: Type.Optional(Type.String({ maxLength: 64, ...storable, description: 'An issuer that is there.' })),
    issuer: Type.Optional(Type.Object(NewIssuer.properties, { ...closed, description: 'Or one that is not yet.' })),
    token: Type.Optional(
      Type.String({ minLength: 1, maxLength: 16_384, ...storable, description: 'It is not stored and not logged.' }),
    ),
  },
  { ...closed, $id: 'IssuerTest', examples: [{ id: EXAMPLE.id, token: 'eyJhbGciOiJSUzI1NiIs…' }] },
)
export type IssuerTest = Static<typeof IssuerTest>

const Verdict = Type.Enum(['good', 'bad', 'unused'], { description: '`unused`: nothing depends on it.' })

export const IssuerReport = Type.Object(
  {
    discovery: Type.Object({
      url: Type.String(),
      outcome: Type.Enum(['good', 'bad', 'unused']),
      detail: Type.String(),
      jwksUri: Type.Optional(Type.String()),
      authorizationEndpoint: Type.Optional(Type.String()),
    }),
    keys: Type.Object({
      outcome: Type.Enum(['good', 'bad']),
      detail: Type.String(),
      keys: Type.Array(
        Type.Object({
          kid: nullable(Type.String()),
          kty: nullable(Type.String()),
          alg: nullable(Type.String()),
          use: nullable(Type.String()),
        }),
      ),
    }),
    token: Type.Optional(
      Type.Object({
        outcome: Type.Enum(['accepted', 'refused']),
        reason: nullable(Type.String({ description: 'As the log of the server calls it.' })),
        claims: Type.Array(
          Type.Object({ name: Type.String(), value: Type.String(), verdict: Verdict, detail: Type.String() }),
        ),
        person: Type.Optional(
          Type.Object({
            subject: Type.String(),
            email: nullable(Type.String()),
            emailVerified: nullable(Type.Boolean()),
            name: nullable(Type.String()),
            groups: Type.Array(Type.String()),
            isAdmin: Type.Boolean(),
          }),
        ),
      }),
    ),
  },
  {
    $id: 'IssuerReport',
    examples: [
      {
        discovery: {
          url: 'https://tenant.eu.auth0.com/.well-known/openid-configuration',
          outcome: 'good',
          detail: 'The document was read, and names this issuer.',
          jwksUri: 'https://tenant.eu.auth0.com/.well-known/jwks.json',
        },
        keys: {
          outcome: 'good',
          detail: '1 key was read.',
          keys: [{ kid: 'a1', kty: 'RSA', alg: 'RS256', use: 'sig' }],
        },
        token: {
          outcome: 'refused',
          reason: 'wrong-audience',
          claims: [
            { name: 'aud', value: '"https://other"', verdict: 'bad', detail: 'None of these is an audience here.' },
          ],
        },
      },
    ],
  },
)
export type IssuerReport = Static<typeof IssuerReport>
