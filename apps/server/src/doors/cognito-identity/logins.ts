import { CognitoIdentityError } from '@skycrate/aws-wire/json-answer'
import type { RequestOrigin } from '../../audit/audit-event.ts'
import type { SignedIn } from '../../identity/authenticator.ts'
import { readToken } from '../../identity/token-verifier.ts'
import type { DoorUse } from '../door.ts'

/** Tokens by their issuer without its scheme, as clients write it: with or without the slash that it may end in. */
export type Logins = Readonly<Record<string, string>>

/** What Amplify 5 calls every user pool, wherever it is: SkyCrate's own tokens come under such a name too. */
const USER_POOL = /^cognito-idp\.[a-z0-9-]{1,30}\.amazonaws\.com\/[\w-]{1,100}$/

const nameOf = (issuer: string): string => issuer.replace(/^https?:\/\//i, '').replace(/\/+$/, '')

/**
 * Who the logins are, or undefined without any.
 * @throws CognitoIdentityError, AppError
 */
export async function signedInBy(
  { entry, issuer: own }: Pick<DoorUse, 'entry' | 'issuer'>,
  logins: Logins | undefined,
  origin: RequestOrigin,
): Promise<SignedIn | undefined> {
  const [login, ...others] = Object.entries(logins ?? {})
  if (login === undefined) return undefined
  // Two would link two people, which takes more than their tokens here.
  if (others.length > 0) throw new CognitoIdentityError('InvalidParameterException', 'Send one login.')
  const [name, token] = login
  const read = readToken(token)
  const issuer = 'refused' in read ? undefined : read.claims['iss']
  const isOwnPool = issuer === own && USER_POOL.test(name)
  if (typeof issuer === 'string' && nameOf(issuer) !== nameOf(name) && !isOwnPool) {
    throw new CognitoIdentityError(
      'NotAuthorizedException',
      "Invalid login token. The token's issuer is not the one that the login names.",
    )
  }
  return entry.byToken(token, origin, { idTokens: true })
}
