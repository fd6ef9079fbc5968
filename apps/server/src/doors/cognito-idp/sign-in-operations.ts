import { CognitoIdpError } from '@skycrate/aws-wire/json-answer'
import type { Tokens } from '@skycrate/contract/auth/schemas'
import type { Challenge, ChallengeAnswer } from '@skycrate/contract/factors/schemas'
import { Type } from 'typebox'
import type { RequestOrigin } from '../../audit/audit-event.ts'
import type { DoorUse } from '../door.ts'
import { finishedSetUp, setUpChallenge } from './mfa-setup.ts'
import { appOperation, renaming, text, texts, token } from './request.ts'

type Parameters = Readonly<Record<string, string>>
type SignIn = (use: DoorUse, parameters: Parameters, client: string, origin: RequestOrigin) => Promise<object>

const refused = (message: string): CognitoIdpError => new CognitoIdpError('NotAuthorizedException', message)
const mistake = (message: string): CognitoIdpError => new CognitoIdpError('InvalidParameterException', message)

const NO_SRP =
  "SkyCrate takes no SRP. Set the flow type USER_PASSWORD_AUTH: in Amplify 6 signIn({ username, password, options: { authFlowType: 'USER_PASSWORD_AUTH' } }), in Amplify 5 authenticationFlowType: 'USER_PASSWORD_AUTH' of Auth.configure."

const FLOWS: Readonly<Record<string, SignIn>> = {
  USER_PASSWORD_AUTH: byPassword,
  USER_AUTH: byChoice,
  REFRESH_TOKEN_AUTH: byRefreshToken,
  REFRESH_TOKEN: byRefreshToken,
  USER_SRP_AUTH: () => Promise.reject(mistake(NO_SRP)),
}

const CHALLENGES: Readonly<Record<string, (use: DoorUse, given: Answered, origin: RequestOrigin) => Promise<object>>> =
  {
    SOFTWARE_TOKEN_MFA: (use, given, origin) => {
      const code = required(given.responses, 'SOFTWARE_TOKEN_MFA_CODE')
      // One field for both: whoever has lost the app types a recovery code there.
      return answered(use, given, /^\s*\d{3}[\s-]?\d{3}\s*$/.test(code) ? { code } : { recoveryCode: code }, origin)
    },
    MFA_SETUP: async (use, { session, client }, origin) => {
      const { refreshToken } = await finishedSetUp(use, session, origin)
      return byRefreshToken(use, { REFRESH_TOKEN: refreshToken }, client, origin)
    },
    WEB_AUTHN: (use, given, origin) => answered(use, given, { passkey: readCredential(given.responses) }, origin),
    SELECT_CHALLENGE: (use, { client, responses }, origin) =>
      byChoice(use, { ...responses, PREFERRED_CHALLENGE: required(responses, 'ANSWER') }, client, origin),
  }

/** Signing in, and the tokens that follow from it. */
export const SIGN_IN_OPERATIONS = {
  InitiateAuth: appOperation(
    { AuthFlow: text(64), AuthParameters: Type.Optional(texts) },
    (use, { AuthFlow, AuthParameters = {}, ClientId }, origin) => {
      const flow = Object.hasOwn(FLOWS, AuthFlow) ? FLOWS[AuthFlow] : undefined
      if (!flow) throw mistake(`The flow ${AuthFlow} is not supported. Use USER_PASSWORD_AUTH.`)
      return flow(use, AuthParameters, ClientId, origin)
    },
  ),

  RespondToAuthChallenge: appOperation(
    { ChallengeName: text(64), Session: Type.Optional(text(4096)), ChallengeResponses: Type.Optional(texts) },
    (use, { ChallengeName, Session, ChallengeResponses = {}, ClientId }, origin) => {
      const answer = Object.hasOwn(CHALLENGES, ChallengeName) ? CHALLENGES[ChallengeName] : undefined
      if (!answer) throw mistake(`The challenge ${ChallengeName} is not supported.`)
      return answer(use, { session: Session, responses: ChallengeResponses, client: ClientId }, origin)
    },
  ),

  GetTokensFromRefreshToken: appOperation({ RefreshToken: token }, (use, { RefreshToken, ClientId }, origin) =>
    byRefreshToken(use, { REFRESH_TOKEN: RefreshToken }, ClientId, origin),
  ),

  RevokeToken: appOperation({ Token: token }, async ({ accounts }, { Token, ClientId }, origin) => {
    if (!Token.startsWith('skyr_')) {
      throw new CognitoIdpError('UnsupportedTokenTypeException', 'Only a refresh token can be revoked.')
    }
    await renaming(accounts.logout(Token, origin, ClientId), ({ code }) =>
      code === 'forbidden'
        ? new CognitoIdpError('UnauthorizedException', 'The token was not issued to this client.')
        : undefined,
    )
    return {}
  }),
}

interface Answered {
  readonly session: string | undefined
  readonly responses: Parameters
  readonly client: string
}

async function byPassword(
  use: DoorUse,
  parameters: Parameters,
  client: string,
  origin: RequestOrigin,
): Promise<object> {
  const { accounts } = use
  const [username, password] = [required(parameters, 'USERNAME'), required(parameters, 'PASSWORD')]
  const result = await renaming(accounts.login(username, password, origin, client), async ({ code }) =>
    code === 'invalid-credentials' && (await accounts.signUp.isUnconfirmed(username, password))
      ? new CognitoIdpError('UserNotConfirmedException', 'User is not confirmed.')
      : undefined,
  )
  if ('challenge' in result) return challengeOf(result, username)
  return (await setUpChallenge(use, result, username, origin)) ?? resultOf(result)
}

/** The flow in which the person chooses how to sign in; what there is to choose does not depend on the person. */
async function byChoice(use: DoorUse, parameters: Parameters, client: string, origin: RequestOrigin): Promise<object> {
  const username = required(parameters, 'USERNAME')
  const preferred = parameters['PREFERRED_CHALLENGE']
  if (preferred === 'PASSWORD' || (preferred === undefined && parameters['PASSWORD'] !== undefined)) {
    return byPassword(use, parameters, client, origin)
  }
  if (preferred === 'PASSWORD_SRP') throw mistake(NO_SRP)
  if (preferred === 'WEB_AUTHN') return challengeOf(await use.accounts.factors.passkeyChallenge(client), username)
  if (preferred !== undefined) throw mistake(`The challenge ${preferred.slice(0, 64)} is not supported. Use PASSWORD.`)
  return {
    ChallengeName: 'SELECT_CHALLENGE',
    AvailableChallenges: ['PASSWORD', 'WEB_AUTHN'],
    ChallengeParameters: { USERNAME: username },
    // Nothing is kept for it: the answer says all.
    Session: 'choose how to sign in',
  }
}

async function byRefreshToken(
  { accounts }: DoorUse,
  parameters: Parameters,
  client: string,
  origin: RequestOrigin,
): Promise<object> {
  const refreshing = accounts.refresh(required(parameters, 'REFRESH_TOKEN'), origin, client)
  return resultOf(
    await renaming(refreshing, ({ code }) => {
      if (code === 'invalid-token') return refused('Invalid Refresh Token')
      return code === 'token-expired' ? refused('Refresh Token has expired') : undefined
    }),
  )
}

async function answered(
  { accounts }: DoorUse,
  { session, client }: Answered,
  answer: Omit<ChallengeAnswer, 'challenge_token'>,
  origin: RequestOrigin,
): Promise<object> {
  if (session === undefined) throw mistake('Session is required.')
  const answering = accounts.factors.answer({ ...answer, challenge_token: session }, origin, client)
  return resultOf(
    await renaming(answering, ({ code }) =>
      code === 'invalid-token' ? refused('Invalid session for the user, session is expired.') : undefined,
    ),
  )
}

/** A passkey is asked for where it is all that the account has: every client can show a field for a code. */
function challengeOf({ challenge_token: session, methods, passkey }: Challenge, username: string): object {
  const isPasskey = passkey !== undefined && !methods.includes('totp')
  return {
    ChallengeName: isPasskey ? 'WEB_AUTHN' : 'SOFTWARE_TOKEN_MFA',
    Session: session,
    ChallengeParameters: {
      USER_ID_FOR_SRP: username,
      ...(isPasskey && { CREDENTIAL_REQUEST_OPTIONS: JSON.stringify(passkey) }),
    },
  }
}

function resultOf(tokens: Tokens): object {
  return {
    AuthenticationResult: {
      AccessToken: tokens.access_token,
      IdToken: tokens.id_token,
      RefreshToken: tokens.refresh_token,
      ExpiresIn: tokens.expires_in,
      TokenType: tokens.token_type,
    },
    ChallengeParameters: {},
  }
}

function required(parameters: Parameters, name: string): string {
  const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined
  if (value === undefined || value === '') throw mistake(`Missing required parameter ${name}`)
  return value
}

function readCredential(responses: Parameters): NonNullable<ChallengeAnswer['passkey']> {
  try {
    const read = JSON.parse(required(responses, 'CREDENTIAL')) as NonNullable<ChallengeAnswer['passkey']>
    if (typeof read.id === 'string' && typeof read.response?.clientDataJSON === 'string') return read
  } catch (error) {
    if (error instanceof CognitoIdpError) throw error
  }
  throw mistake('CREDENTIAL has to be the JSON of a credential.')
}
