import { Tokens } from '../auth/schemas.ts'
import { guarded, recorded, type Route } from '../route.ts'
import { IdParams } from '../schemas.ts'
import {
  Challenge,
  ChallengeAnswer,
  Factors,
  NewPasskey,
  NewTotp,
  Passkey,
  PasskeyChange,
  PasskeyCreation,
  PasskeyParams,
  RecoveryCodes,
  TotpCode,
} from './schemas.ts'

/** Of the person's own factors. */
const own = { area: 'auth', audience: 'user', withoutSecondFactor: true } as const

export const FACTORS_ROUTES = {
  challenge: {
    area: 'auth',
    audience: 'anyone',
    summary: 'Answer a challenge: complete a sign-in, or confirm who you are',
    body: ChallengeAnswer,
    signsIn: true,
    success: { status: 200, body: Tokens },
    problems: [
      'invalid-request',
      'invalid-token',
      'invalid-code',
      'invalid-credentials',
      'account-suspended',
      'too-many-requests',
      'audit-unavailable',
      'database-unavailable',
    ],
  },
  passkeyChallenge: {
    area: 'auth',
    audience: 'anyone',
    summary: 'Begin a sign-in with a passkey alone',
    success: { status: 200, body: Challenge },
    problems: ['conflict'],
  },
  freshChallenge: {
    ...own,
    summary: 'Begin to confirm who you are, for what needs a fresh authentication',
    success: { status: 200, body: Challenge },
    problems: [...guarded],
  },
  factors: {
    ...own,
    summary: "The signed-in user's second factors",
    success: { status: 200, body: Factors },
    problems: [...guarded],
  },
  startTotp: {
    ...own,
    fresh: true,
    summary: 'Begin to set up an authenticator app',
    success: { status: 200, body: NewTotp },
    problems: ['conflict', ...guarded],
  },
  confirmTotp: {
    ...own,
    fresh: true,
    summary: 'Finish setting up an authenticator app with its first code',
    body: TotpCode,
    success: { status: 204 },
    problems: ['invalid-code', 'conflict', ...recorded],
  },
  deleteTotp: {
    ...own,
    fresh: true,
    summary: 'Delete the authenticator app',
    success: { status: 204 },
    problems: ['not-found', ...recorded],
  },
  createRecoveryCodes: {
    ...own,
    fresh: true,
    summary: 'Create ten recovery codes; those before stop working',
    success: { status: 201, body: RecoveryCodes },
    problems: ['conflict', ...recorded],
  },
  startPasskey: {
    ...own,
    fresh: true,
    summary: 'Begin to create a passkey',
    success: { status: 200, body: NewPasskey },
    problems: ['conflict', ...guarded],
  },
  createPasskey: {
    ...own,
    fresh: true,
    summary: 'Finish creating a passkey',
    body: PasskeyCreation,
    success: { status: 201, body: Passkey },
    problems: ['invalid-request', 'conflict', ...recorded],
  },
  renamePasskey: {
    ...own,
    summary: 'Rename a passkey',
    params: PasskeyParams,
    body: PasskeyChange,
    success: { status: 200, body: Passkey },
    problems: ['invalid-request', 'not-found', ...recorded],
  },
  deletePasskey: {
    ...own,
    fresh: true,
    summary: 'Delete a passkey',
    params: PasskeyParams,
    success: { status: 204 },
    problems: ['invalid-request', 'not-found', ...recorded],
  },
  resetUserFactors: {
    area: 'users',
    audience: 'admin',
    summary: "Delete a user's second factors and end all sessions of the user",
    params: IdParams,
    success: { status: 204 },
    problems: ['invalid-request', 'forbidden', 'not-found', ...recorded],
  },
} as const satisfies Record<string, Route>
