import { CognitoIdpError } from '@skycrate/aws-wire/json-answer'
import type { Tokens } from '@skycrate/contract/auth/schemas'
import type { RequestOrigin } from '../../audit/audit-event.ts'
import type { SignedIn } from '../../identity/authenticator.ts'
import type { DoorUse } from '../door.ts'
import { whoOf } from './who-of.ts'

/** A sign-in whose user has to set up a second factor first: until then, its tokens are good for nothing else. */
interface Unfinished {
  readonly accessToken: string
  readonly refreshToken: string
}

/**
 * Asks for the set-up of an authenticator app, where a group of the user requires a second factor and there is none.
 * @returns undefined where the tokens are good as they are
 */
export async function setUpChallenge(
  { entry }: DoorUse,
  { access_token: accessToken, refresh_token: refreshToken }: Tokens,
  username: string,
  origin: RequestOrigin,
): Promise<object | undefined> {
  const { lacksSecondFactor } = await entry.byToken(accessToken, origin, { withoutSecondFactor: true })
  if (!lacksSecondFactor) return undefined
  return {
    ChallengeName: 'MFA_SETUP',
    Session: write({ accessToken, refreshToken }),
    ChallengeParameters: { USER_ID_FOR_SRP: username, MFAS_CAN_SETUP: '["SOFTWARE_TOKEN_MFA"]' },
  }
}

/** Who sets up an authenticator app: whoever is signed in, or is about to be. @throws CognitoIdpError, AppError */
export function whoSetsUp(
  use: DoorUse,
  { AccessToken, Session }: { readonly AccessToken?: string | undefined; readonly Session?: string | undefined },
  origin: RequestOrigin,
): Promise<SignedIn> {
  const token = AccessToken ?? (Session === undefined ? undefined : read(Session).accessToken)
  if (token === undefined) throw new CognitoIdpError('InvalidParameterException', 'AccessToken or Session is required.')
  return whoOf(use, token, origin, { withoutSecondFactor: true })
}

/**
 * The refresh token of a sign-in that has its second factor now.
 * @throws CognitoIdpError
 * @throws AppError `second-factor-required`
 */
export async function finishedSetUp(
  use: DoorUse,
  session: string | undefined,
  origin: RequestOrigin,
): Promise<{ readonly refreshToken: string }> {
  if (session === undefined) throw new CognitoIdpError('InvalidParameterException', 'Session is required.')
  const { accessToken, refreshToken } = read(session)
  await whoOf(use, accessToken, origin)
  return { refreshToken }
}

const write = (unfinished: Unfinished): string => Buffer.from(JSON.stringify(unfinished)).toString('base64url')

/** @throws CognitoIdpError `NotAuthorizedException` */
function read(session: string): Unfinished {
  try {
    const { accessToken, refreshToken } = JSON.parse(Buffer.from(session, 'base64url').toString()) as Unfinished
    if (typeof accessToken === 'string' && typeof refreshToken === 'string') return { accessToken, refreshToken }
  } catch {
    // It is none.
  }
  throw new CognitoIdpError('NotAuthorizedException', 'Invalid session for the user.')
}
