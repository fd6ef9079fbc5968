import { Type, type Static } from 'typebox'
import { closed, nullable, timestamp } from '../schemas.ts'

export const Credentials = Type.Object(
  { email: Type.String({ minLength: 3, maxLength: 320 }), password: Type.String({ minLength: 1, maxLength: 1024 }) },
  { ...closed, $id: 'Credentials', examples: [{ email: 'ada@example.com', password: 'correct horse battery' }] },
)

export const RefreshRequest = Type.Object(
  { refresh_token: Type.String({ minLength: 1, maxLength: 512 }) },
  { ...closed, $id: 'RefreshRequest', examples: [{ refresh_token: 'rt_9f2cV0pQmS' }] },
)

export const Tokens = Type.Object(
  {
    access_token: Type.String({ description: 'Send it as `Authorization: Bearer …`.' }),
    token_type: Type.Literal('Bearer'),
    expires_in: Type.Integer({ description: 'Seconds.' }),
    refresh_token: Type.String({ description: 'Works once. Each refresh returns the next one.' }),
  },
  {
    $id: 'Tokens',
    examples: [
      { access_token: 'eyJhbGciOiJFUzI1NiJ9…', token_type: 'Bearer', expires_in: 1800, refresh_token: 'rt_9f2cV0pQmS' },
    ],
  },
)
export type Tokens = Static<typeof Tokens>

export const PasswordChange = Type.Object(
  {
    currentPassword: Type.String({ minLength: 1, maxLength: 1024 }),
    newPassword: Type.String({ minLength: 12, maxLength: 1024, description: 'At least 12 characters.' }),
  },
  {
    ...closed,
    $id: 'PasswordChange',
    examples: [{ currentPassword: 'correct horse battery', newPassword: 'staple my old battery' }],
  },
)

export const Me = Type.Object(
  {
    id: Type.String(),
    email: nullable(Type.String()),
    emailVerified: Type.Boolean({ description: 'Whether the issuer vouches for the e-mail address.' }),
    name: nullable(Type.String()),
    isAdmin: Type.Boolean(),
    groups: Type.Array(Type.String(), {
      description: "Names of SkyCrate's own groups and of those in the token.",
    }),
    issuer: Type.String({ description: 'The issuer of this sign-in.' }),
    createdAt: timestamp('When the user was created.'),
  },
  {
    $id: 'Me',
    examples: [
      {
        id: 'usr_01kaj7x2v9c4t0m8q3n5p6r7s8',
        email: 'ada@example.com',
        emailVerified: true,
        name: 'Ada',
        isAdmin: false,
        groups: ['editors'],
        issuer: 'https://files.example.com',
        createdAt: '2026-11-21T12:00:00.000Z',
      },
    ],
  },
)
export type Me = Static<typeof Me>
