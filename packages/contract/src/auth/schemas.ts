import { Type, type Static } from 'typebox'
import { closed, nullable, timestamp } from '../schemas.ts'

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
