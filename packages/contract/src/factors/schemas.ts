import { Type, type Static } from 'typebox'
import { closed, nullable, storable, timestamp } from '../schemas.ts'

const PASSKEY = {
  id: 'AQIDBAUGBwgJCgsMDQ4PEA',
  name: 'Laptop',
  createdAt: '2026-11-29T12:00:00.000Z',
  lastUsedAt: '2026-11-29T13:00:00.000Z',
}
const CHALLENGE_TOKEN = 'skyc_9f2cV0pQmS'
const CREATION = {
  id: 'AQIDBAUGBwgJCgsMDQ4PEA',
  rawId: 'AQIDBAUGBwgJCgsMDQ4PEA',
  type: 'public-key',
  clientExtensionResults: {},
} as const

/** What browsers make of `PublicKeyCredential.toJSON()`; the server's WebAuthn library reads the rest. */
const credential = (examples: readonly object[], $id: string) =>
  Type.Object(
    {
      id: Type.String({ minLength: 1, maxLength: 2048 }),
      rawId: Type.String({ minLength: 1, maxLength: 2048 }),
      type: Type.Literal('public-key'),
      response: Type.Object({ clientDataJSON: Type.String() }, { additionalProperties: true }),
    },
    { additionalProperties: true, $id, examples: [...examples] },
  )

export const NewPasskeyCredential = credential(
  [{ ...CREATION, response: { clientDataJSON: 'eyJ0eXBlIjoi…', attestationObject: 'o2NmbXRkbm9uZQ…' } }],
  'NewPasskeyCredential',
)

export const PasskeyCredential = credential(
  [
    {
      ...CREATION,
      response: { clientDataJSON: 'eyJ0eXBlIjoi…', authenticatorData: 'SZYN5YgOjGh0…', signature: 'MEUCIQDx…' },
    },
  ],
  'PasskeyCredential',
)

const passkeyOptions = (description: string) => Type.Object({}, { additionalProperties: true, description })

const challengeToken = () => Type.String({ minLength: 1, maxLength: 2048 })

export const CHALLENGE_METHODS = ['password', 'totp', 'passkey', 'recovery-code'] as const

export const Challenge = Type.Object(
  {
    challenge: Type.Enum(['password', 'totp', 'passkey', 'sign-in'], {
      description: 'What to ask the person for first. `sign-in`: to sign in again, where nothing else is possible.',
    }),
    challenge_token: Type.String({ description: 'For `POST /auth/challenge`. Works once.' }),
    methods: Type.Array(Type.Enum([...CHALLENGE_METHODS]), { description: 'What the person may answer with.' }),
    expires_in: Type.Integer({ description: 'Seconds.' }),
    passkey: Type.Optional(
      passkeyOptions('The `PublicKeyCredentialRequestOptions` in JSON, where a passkey is possible.'),
    ),
  },
  {
    $id: 'Challenge',
    examples: [
      { challenge: 'totp', challenge_token: CHALLENGE_TOKEN, methods: ['totp', 'recovery-code'], expires_in: 300 },
    ],
  },
)
export type Challenge = Static<typeof Challenge>

export const ChallengeAnswer = Type.Object(
  {
    challenge_token: challengeToken(),
    code: Type.Optional(Type.String({ minLength: 1, maxLength: 32, description: 'Of the authenticator app.' })),
    recoveryCode: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    password: Type.Optional(Type.String({ minLength: 1, maxLength: 1024 })),
    passkey: Type.Optional(PasskeyCredential),
  },
  {
    ...closed,
    $id: 'ChallengeAnswer',
    description: 'With exactly one of the answers.',
    examples: [{ challenge_token: CHALLENGE_TOKEN, code: '123456' }],
  },
)
export type ChallengeAnswer = Static<typeof ChallengeAnswer>

const passkeyName = () => Type.String({ minLength: 1, maxLength: 100, ...storable })

export const Passkey = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    createdAt: timestamp('When it was created.'),
    lastUsedAt: nullable(timestamp('When it was last used to sign in.')),
  },
  { $id: 'Passkey', examples: [PASSKEY] },
)
export type Passkey = Static<typeof Passkey>

export const Factors = Type.Object(
  {
    totp: nullable(Type.Object({ createdAt: timestamp('When the authenticator app was set up.') })),
    passkeys: Type.Array(Passkey),
    recoveryCodes: Type.Object({ left: Type.Integer({ minimum: 0 }) }),
    required: Type.Boolean({ description: "Whether one of the user's groups requires a second factor." }),
    available: Type.Object(
      { totp: Type.Boolean(), passkeys: Type.Boolean() },
      { description: 'What can be set up: nothing by users who sign in through an issuer alone.' },
    ),
  },
  {
    $id: 'Factors',
    examples: [
      {
        totp: { createdAt: '2026-11-29T12:00:00.000Z' },
        passkeys: [PASSKEY],
        recoveryCodes: { left: 10 },
        required: false,
        available: { totp: true, passkeys: true },
      },
    ],
  },
)
export type Factors = Static<typeof Factors>

export const NewTotp = Type.Object(
  {
    secret: Type.String({ description: 'Base32, to be typed into an authenticator app.' }),
    uri: Type.String({ description: 'The same as an `otpauth:` URI, for a QR code.' }),
  },
  {
    $id: 'NewTotp',
    examples: [
      {
        secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
        uri: 'otpauth://totp/files.example.com:ada%40example.com?issuer=files.example.com&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
      },
    ],
  },
)
export type NewTotp = Static<typeof NewTotp>

export const TotpCode = Type.Object(
  { code: Type.String({ minLength: 1, maxLength: 32 }) },
  { ...closed, $id: 'TotpCode', examples: [{ code: '123456' }] },
)

export const RecoveryCodes = Type.Object(
  { recoveryCodes: Type.Array(Type.String(), { description: 'Each works once. They are shown only now.' }) },
  { $id: 'RecoveryCodes', examples: [{ recoveryCodes: ['7k2m-9qxv-3c8t-wj5d-0r4b-e6hz'] }] },
)
export type RecoveryCodes = Static<typeof RecoveryCodes>

export const NewPasskey = Type.Object(
  {
    challenge_token: Type.String({ description: 'For `PUT /auth/factors/passkeys`.' }),
    options: passkeyOptions('The `PublicKeyCredentialCreationOptions` in JSON.'),
  },
  {
    $id: 'NewPasskey',
    examples: [{ challenge_token: CHALLENGE_TOKEN, options: { rp: { id: 'files.example.com', name: 'SkyCrate' } } }],
  },
)
export type NewPasskey = Static<typeof NewPasskey>

export const PasskeyCreation = Type.Object(
  { challenge_token: challengeToken(), name: Type.Optional(passkeyName()), passkey: NewPasskeyCredential },
  {
    ...closed,
    $id: 'PasskeyCreation',
    examples: [
      {
        challenge_token: CHALLENGE_TOKEN,
        name: 'Laptop',
        passkey: {
          ...CREATION,
          response: { clientDataJSON: 'eyJ0eXBlIjoi…', attestationObject: 'o2NmbXRkbm9uZQ…' },
        },
      },
    ],
  },
)
export type PasskeyCreation = Static<typeof PasskeyCreation>

export const PasskeyChange = Type.Object(
  { name: passkeyName() },
  { ...closed, $id: 'PasskeyChange', examples: [{ name: 'Laptop' }] },
)

export const PasskeyParams = Type.Object({ id: Type.String({ maxLength: 2048 }) }, { $id: 'PasskeyParams' })
