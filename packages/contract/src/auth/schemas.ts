import { Type, type Static } from 'typebox'
import { closed, nullable, storable, timestamp } from '../schemas.ts'
import { Challenge } from '../factors/schemas.ts'
import { newPassword } from '../users/schemas.ts'

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
    id_token: Type.String({
      description:
        'Who signed in, for the app: `sub`, `email`, `email_verified`, `name`, `groups`. It opens nothing in the API.',
    }),
    token_type: Type.Literal('Bearer'),
    expires_in: Type.Integer({ description: 'Seconds.' }),
    refresh_token: Type.String({ description: 'Works once. Each refresh returns the next one.' }),
  },
  {
    $id: 'Tokens',
    examples: [
      {
        access_token: 'eyJhbGciOiJFUzI1NiJ9…',
        id_token: 'eyJhbGciOiJFUzI1NiJ9…',
        token_type: 'Bearer',
        expires_in: 1800,
        refresh_token: 'rt_9f2cV0pQmS',
      },
    ],
  },
)
export type Tokens = Static<typeof Tokens>

export const CookieSession = Type.Object(
  {
    session: Type.Literal('cookie'),
    expiresAt: timestamp('When the session ends at the latest. It ends before when it is not used.'),
  },
  { $id: 'CookieSession', examples: [{ session: 'cookie', expiresAt: '2026-12-21T12:00:00.000Z' }] },
)
export type CookieSession = Static<typeof CookieSession>

export const LogoutRequest = Type.Object(
  {
    refresh_token: Type.Optional(
      Type.String({ minLength: 1, maxLength: 512, description: 'Absent: the session of the cookie ends.' }),
    ),
  },
  { ...closed, $id: 'LogoutRequest', examples: [{ refresh_token: 'rt_9f2cV0pQmS' }] },
)
/** A user who has a second factor is asked for it first. */
export const SignInResult = Type.Union([Tokens, Challenge], {
  $id: 'SignInResult',
  examples: [...(Tokens as { examples?: object[] }).examples!, ...(Challenge as { examples?: object[] }).examples!],
})
export type SignInResult = Static<typeof SignInResult>

export const PasswordChange = Type.Object(
  {
    currentPassword: Type.String({ minLength: 1, maxLength: 1024 }),
    newPassword: newPassword(),
  },
  {
    ...closed,
    $id: 'PasswordChange',
    examples: [{ currentPassword: 'correct horse battery', newPassword: 'staple my old battery' }],
  },
)

const newName = () => Type.String({ minLength: 1, maxLength: 200, ...storable })
const linkToken = () => Type.String({ minLength: 1, maxLength: 512, description: 'What follows `#` in the link.' })
const LINK_EXAMPLE = { token: 'skyi_7pXo2c', password: 'staple my old battery' }

export const InvitationAcceptance = Type.Object(
  { token: linkToken(), password: newPassword(), name: Type.Optional(newName()) },
  { ...closed, $id: 'InvitationAcceptance', examples: [{ ...LINK_EXAMPLE, name: 'Ada' }] },
)

const address = () => Type.String({ minLength: 3, maxLength: 320, ...storable })
const sixDigits = () =>
  Type.String({ pattern: '^[0-9]{6}$', description: 'Of the mail. Good for ten minutes and five tries.' })
const attempt = () =>
  Type.Optional(
    Type.String({
      maxLength: 64,
      ...storable,
      description: 'Which attempt the code is of. Default: the newest of the address.',
    }),
  )
const CODE_ID = 'cod_01kaj7x2v9c4t0m8q3n5p6r7s8'

export const SignUpOptions = Type.Object(
  {
    mode: Type.Enum(['open', 'invitation', 'closed'], {
      description: '`invitation`: for addresses that an administrator invited.',
    }),
    domains: Type.Array(Type.String(), { description: 'Whose addresses may sign up. Empty: any.' }),
    passwordMinLength: Type.Integer(),
    guests: Type.Boolean({ description: 'Whether people who are not signed in can see what guests may see.' }),
  },
  {
    $id: 'SignUpOptions',
    examples: [{ mode: 'open', domains: ['example.com'], passwordMinLength: 15, guests: false }],
  },
)
export type SignUpOptions = Static<typeof SignUpOptions>

export const SignUp = Type.Object(
  { email: address(), password: newPassword(), name: Type.Optional(newName()) },
  {
    ...closed,
    $id: 'SignUp',
    examples: [{ email: 'ada@example.com', password: 'staple my old battery', name: 'Ada' }],
  },
)

export const AccountDeletion = Type.Object(
  { password: Type.String({ minLength: 1, maxLength: 1024 }) },
  { ...closed, $id: 'AccountDeletion', examples: [{ password: 'correct horse battery' }] },
)

export const AccountDeleted = Type.Object(
  { deleteAt: timestamp('When the account and its home are deleted.') },
  { $id: 'AccountDeleted', examples: [{ deleteAt: '2026-12-06T12:00:00.000Z' }] },
)

export const CodeRequest = Type.Object(
  { email: address(), id: attempt() },
  { ...closed, $id: 'CodeRequest', examples: [{ email: 'ada@example.com' }] },
)

export const CodeSent = Type.Object(
  {
    id: Type.String({ description: 'Of this attempt. Send it with the code.' }),
    expiresAt: timestamp('When the code expires.'),
  },
  { $id: 'CodeSent', examples: [{ id: CODE_ID, expiresAt: '2026-11-29T12:10:00.000Z' }] },
)
export type CodeSent = Static<typeof CodeSent>

export const CodeConfirmation = Type.Object(
  { email: address(), code: sixDigits(), id: attempt() },
  { ...closed, $id: 'CodeConfirmation', examples: [{ email: 'ada@example.com', code: '123456', id: CODE_ID }] },
)

export const PasswordReset = Type.Object(
  {
    token: Type.Optional(linkToken()),
    email: Type.Optional(address()),
    code: Type.Optional(sixDigits()),
    id: attempt(),
    password: newPassword(),
  },
  {
    ...closed,
    $id: 'PasswordReset',
    description: 'Either `token` from a link, or `email` and `code` from a mail.',
    examples: [{ email: 'ada@example.com', code: '123456', password: 'staple my old battery' }, LINK_EXAMPLE],
  },
)

export const PasswordSet = Type.Object(
  { email: Type.String({ description: 'What to sign in with.' }) },
  { $id: 'PasswordSet', examples: [{ email: 'ada@example.com' }] },
)

export const MeChange = Type.Object(
  { name: nullable(newName()) },
  { ...closed, $id: 'MeChange', examples: [{ name: 'Ada' }] },
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
    memberOf: Type.Array(
      Type.Object({
        name: Type.String(),
        issuer: nullable(Type.String({ description: "Whose claim says it. Null for SkyCrate's own groups." })),
      }),
      { description: 'The same groups, each with its issuer.' },
    ),
    issuer: Type.String({ description: 'The issuer of this sign-in.' }),
    needsSecondFactor: Type.Boolean({
      description:
        'Whether a group requires a second factor and this sign-in was without one: nothing else is possible.',
    }),
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
        memberOf: [{ name: 'editors', issuer: null }],
        issuer: 'https://files.example.com',
        needsSecondFactor: false,
        createdAt: '2026-11-21T12:00:00.000Z',
      },
    ],
  },
)
export type Me = Static<typeof Me>
