import { Type, type Static } from 'typebox'
import { closed, nullable, storable, timestamp } from '../schemas.ts'

/** NIST SP 800-63B-4 for a password without a second factor. */
export const PASSWORD_MIN_LENGTH = 15

/** And for one beside a second factor. */
export const PASSWORD_MIN_LENGTH_WITH_FACTOR = 8

export const newPassword = () =>
  Type.String({
    // Only the server knows whether there is a second factor, and so how long it must be.
    minLength: 1,
    maxLength: 1024,
    description: `At least ${PASSWORD_MIN_LENGTH} characters, or ${PASSWORD_MIN_LENGTH_WITH_FACTOR} with a second factor, and none that is commonly used.`,
  })

const email = Type.String({ minLength: 3, maxLength: 320, ...storable })
const personName = () => Type.String({ minLength: 1, maxLength: 200, ...storable })
const groupNames = () =>
  Type.Array(Type.String({ minLength: 1, maxLength: 256, ...storable }), {
    maxItems: 1000,
    description: "Names or ids of SkyCrate's own groups.",
  })

export const UserState = Type.Enum(['active', 'invited', 'suspended', 'deleting'])

const EXAMPLE = {
  id: 'usr_01kaj7x2v9c4t0m8q3n5p6r7s8',
  email: 'ada@example.com',
  emailVerified: true,
  emailIssuer: 'urn:skycrate:accounts',
  name: 'Ada',
  isAdmin: false,
  state: 'active',
  groups: ['editors'],
  claimGroups: [],
  identities: [{ issuer: 'urn:skycrate:accounts', subject: 'usr_01kaj7x2v9c4t0m8q3n5p6r7s8' }],
  issuer: 'urn:skycrate:accounts',
  hasPassword: true,
  hasHome: false,
  createdAt: '2026-11-29T12:00:00.000Z',
  updatedAt: '2026-11-29T12:00:00.000Z',
  lastSignInAt: null,
} as const

const userFields = {
  id: Type.String(),
  email: nullable(Type.String()),
  emailVerified: Type.Boolean({ description: 'Whether `emailIssuer` vouches for the e-mail address.' }),
  emailIssuer: nullable(
    Type.String({ description: '`urn:skycrate:accounts` where an administrator gave the address.' }),
  ),
  name: nullable(Type.String()),
  isAdmin: Type.Boolean(),
  state: UserState,
  groups: Type.Array(Type.String(), { description: "Names of SkyCrate's own groups." }),
  claimGroups: Type.Array(Type.Object({ name: Type.String(), issuer: Type.String() }), {
    description: 'Groups that the user’s tokens named at the last sign-in, or that a directory put them in.',
  }),
  identities: Type.Array(Type.Object({ issuer: Type.String(), subject: Type.String() })),
  issuer: nullable(Type.String({ description: 'The issuer of the first identity.' })),
  prepared: Type.Optional(
    Type.Object(
      { issuer: nullable(Type.String()) },
      { description: 'Waits for the first sign-in with this verified e-mail address. Null: of any issuer.' },
    ),
  ),
  directory: Type.Optional(
    Type.Object({ id: Type.String(), name: Type.String() }, { description: 'The directory that tells of the user.' }),
  ),
  hasPassword: Type.Boolean({ description: 'Whether the user can sign in with a built-in account.' }),
  hasHome: Type.Boolean(),
  createdAt: timestamp('When the user was created.'),
  updatedAt: timestamp('When the user was last changed.'),
  lastSignInAt: nullable(timestamp('When the user last signed in.')),
}

export const User = Type.Object(userFields, { $id: 'User', examples: [EXAMPLE] })
export type User = Static<typeof User>

export const OneTimeLink = Type.Object(
  {
    link: Type.String({ description: 'Good once. Pass it on to the person.' }),
    token: Type.String({ description: 'The secret part of the link.' }),
    expiresAt: timestamp('When the link expires.'),
  },
  {
    $id: 'OneTimeLink',
    examples: [
      {
        link: 'https://files.example.com/invitation#skyi_7pXo2c',
        token: 'skyi_7pXo2c',
        expiresAt: '2026-12-06T12:00:00.000Z',
      },
    ],
  },
)
export type OneTimeLink = Static<typeof OneTimeLink>

export const CreatedUser = Type.Object(
  { ...userFields, invitation: Type.Optional(OneTimeLink) },
  { $id: 'CreatedUser', examples: [EXAMPLE] },
)
export type CreatedUser = Static<typeof CreatedUser>

export const Users = Type.Object(
  { users: Type.Array(User), nextCursor: nullable(Type.String()) },
  { $id: 'Users', examples: [{ users: [EXAMPLE], nextCursor: null }] },
)
export type Users = Static<typeof Users>

export const UsersQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    cursor: Type.Optional(Type.String({ maxLength: 2048 })),
    search: Type.Optional(
      Type.String({
        maxLength: 320,
        ...storable,
        description: 'The beginning of the e-mail address, its domain, the name, the last name or the id.',
      }),
    ),
    state: Type.Optional(UserState),
  },
  { ...closed, $id: 'UsersQuery' },
)
export type UsersQuery = Static<typeof UsersQuery>

export const NewUser = Type.Object(
  {
    email: Type.Optional(email),
    name: Type.Optional(personName()),
    isAdmin: Type.Optional(Type.Boolean()),
    groups: Type.Optional(groupNames()),
    password: Type.Optional(newPassword()),
    passwordHash: Type.Optional(
      Type.String({
        pattern: '^\\$2[aby]\\$(0[4-9]|1[0-3])\\$[./A-Za-z0-9]{53}$',
        description: 'A bcrypt hash of another system, of cost 4 to 13. It is replaced at the first sign-in.',
      }),
    ),
    invite: Type.Optional(
      Type.Literal(true, { description: 'The response has a link with which the person sets their own password.' }),
    ),
    identity: Type.Optional(
      Type.Object(
        {
          issuer: Type.Optional(Type.String({ minLength: 1, maxLength: 512, ...storable })),
          subject: Type.Optional(Type.String({ minLength: 1, maxLength: 255, ...storable })),
        },
        {
          ...closed,
          description:
            'Prepares a user for a sign-in through an issuer: with `subject`, that identity; without, the first one whose ' +
            'verified e-mail address this is, of `issuer` or of any.',
        },
      ),
    ),
  },
  {
    ...closed,
    $id: 'NewUser',
    examples: [{ email: 'ada@example.com', name: 'Ada', groups: ['editors'], invite: true }],
  },
)
export type NewUser = Static<typeof NewUser>

export const UserImportQuery = Type.Object(
  {
    dryRun: Type.Optional(
      Type.Enum(['true', 'false'], { default: 'false', description: 'Only check the file; change nothing.' }),
    ),
  },
  { ...closed, $id: 'UserImportQuery' },
)

export const UserImportReport = Type.Object(
  {
    dryRun: Type.Boolean(),
    lines: Type.Integer({ description: 'Users in the file.' }),
    created: Type.Integer({ description: 'Users that were created, or would be.' }),
    mistakes: Type.Array(
      Type.Object({
        line: Type.Integer({ description: 'The line in the file. The header is line 1.' }),
        column: nullable(Type.String()),
        message: Type.String(),
      }),
      { description: 'Every mistake in the file. A file with mistakes is not imported.' },
    ),
  },
  { $id: 'UserImportReport', examples: [{ dryRun: true, lines: 120, created: 120, mistakes: [] }] },
)
export type UserImportReport = Static<typeof UserImportReport>

export const UserChange = Type.Object(
  {
    name: nullable(personName()),
    isAdmin: Type.Boolean(),
    state: Type.Enum(['active', 'suspended', 'invited'], { description: '`invited` only where it is so already.' }),
    groups: groupNames(),
  },
  { ...closed, $id: 'UserChange', examples: [{ name: 'Ada', isAdmin: false, state: 'active', groups: ['editors'] }] },
)
export type UserChange = Static<typeof UserChange>

export const UserDeletion = Type.Object(
  {
    home: Type.Optional(
      Type.Enum(['delete', 'keep', 'hand-to'], {
        description:
          'What becomes of the home, needed where there is one. `delete`: with everything in it. `keep`: it stays for ' +
          'administrators. `hand-to`: the user `handTo` gets access to it.',
      }),
    ),
    handTo: Type.Optional(Type.String({ maxLength: 64, ...storable, description: 'The id of a user.' })),
  },
  { ...closed, $id: 'UserDeletion' },
)
export type UserDeletion = Static<typeof UserDeletion>
