import { CognitoIdentityError } from '@skycrate/aws-wire/json-answer'
import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { RequestOrigin } from '../../audit/audit-event.ts'
import type { SignedIn } from '../../identity/authenticator.ts'
import type { SessionRequest } from '../../vending/sessions.ts'
import type { DoorUse } from '../door.ts'
import { GUEST } from '../entry.ts'
import { type JsonOperation, mistakeIn } from '../json-door.ts'
import { readRole } from '../sts/read-role.ts'
import { isPoolId, newGuestId, parseIdentityId } from './identity-id.ts'
import { signedInBy } from './logins.ts'

/** Seconds. Amplify keeps credentials for 50 minutes, whatever they say. */
const LEAST_SECONDS = 55 * 60
const SECONDS = 60 * 60

const text = Type.String({ minLength: 1, maxLength: 2048 })
const logins = Type.Optional(Type.Record(text, Type.String({ minLength: 1, maxLength: 50_000 })))
const GetId = Type.Object({ IdentityPoolId: text, Logins: logins })
const ForIdentity = Type.Object({ IdentityId: text, Logins: logins, CustomRoleArn: Type.Optional(text) })
const getId = Compile(GetId)
const forIdentity = Compile(ForIdentity)

/** @see https://docs.aws.amazon.com/cognitoidentity/latest/APIReference/API_Operations.html */
export const OPERATIONS: Readonly<Record<string, JsonOperation>> = {
  async GetId(use, body, origin) {
    const { IdentityPoolId, Logins } = checked<Static<typeof GetId>>(getId, body)
    if (!isPoolId(IdentityPoolId)) {
      throw new CognitoIdentityError('InvalidParameterException', 'IdentityPoolId has to be REGION:UUID.')
    }
    const signedIn = await signedInBy(use, Logins, origin)
    if (signedIn) return { IdentityId: signedIn.userId }
    await use.entry.asGuest(origin)
    return { IdentityId: newGuestId(IdentityPoolId) }
  },

  async GetCredentialsForIdentity(use, body, origin) {
    const { IdentityId, Logins, CustomRoleArn } = checked<Static<typeof ForIdentity>>(forIdentity, body)
    const signedIn = await whoOf(use, IdentityId, Logins, origin)
    const wish: SessionRequest = {
      location: locationOf(CustomRoleArn),
      durationSeconds: SECONDS,
      leastSeconds: LEAST_SECONDS,
      signs: signedIn?.isIdToken !== true,
    }
    const from = { ...origin, tokenId: signedIn?.tokenId ?? null }
    const issued = await use.sessions.create(signedIn ?? GUEST, wish, from)
    return {
      IdentityId: signedIn?.userId ?? IdentityId,
      Credentials: {
        AccessKeyId: issued.accessKeyId,
        SecretKey: issued.secretAccessKey,
        SessionToken: issued.sessionToken,
        Expiration: Math.floor(issued.expiresAt / 1000),
      },
    }
  },

  async GetOpenIdToken(use, body, origin) {
    const { IdentityId, Logins } = checked<Static<typeof ForIdentity>>(forIdentity, body)
    const signedIn = await whoOf(use, IdentityId, Logins, origin)
    // The token would not say so, and be good for more.
    if (signedIn?.scope) {
      throw new CognitoIdentityError('NotAuthorizedException', 'Access tokens get no OpenID token. Sign in.')
    }
    if (signedIn?.isIdToken) {
      throw new CognitoIdentityError('NotAuthorizedException', 'ID tokens of an app get no OpenID token.')
    }
    // It is for /sts, where guests are not let in.
    if (!signedIn) throw new CognitoIdentityError('NotAuthorizedException', 'Guests get no OpenID token. Sign in.')
    return { IdentityId: signedIn.userId, Token: await use.identityTokens.write(signedIn, 'skycrate') }
  },
}

/**
 * Who asks for an identity; undefined for a guest. Whoever is signed in keeps sending the id that they had as a guest, and
 * gets their own.
 * @throws CognitoIdentityError, AppError
 */
async function whoOf(
  use: DoorUse,
  identityId: string,
  given: Readonly<Record<string, string>> | undefined,
  origin: RequestOrigin,
): Promise<SignedIn | undefined> {
  const identity = parseIdentityId(identityId)
  if (!identity) {
    throw new CognitoIdentityError('ResourceNotFoundException', `Identity '${identityId.slice(0, 100)}' not found.`)
  }
  const signedIn = await signedInBy(use, given, origin)
  if (!signedIn && identity.kind === 'user') {
    throw new CognitoIdentityError('NotAuthorizedException', `Access to Identity '${identityId}' is forbidden.`)
  }
  if (!signedIn) {
    await use.entry.asGuest(origin)
    return undefined
  }
  if (identity.kind === 'user' && identity.userId !== signedIn.userId) {
    throw new CognitoIdentityError('NotAuthorizedException', "Logins don't match the identity.")
  }
  return signedIn
}

/** Of a role that names a location; any other is everything that the caller has. */
function locationOf(arn: string | undefined): SessionRequest['location'] {
  try {
    const role = readRole(arn)
    if (role.kind === 'location') return { bucket: role.bucket, prefix: role.prefix }
    if (role.kind === 'everything') return undefined
  } catch {
    // Answered below, in this protocol's words.
  }
  throw new CognitoIdentityError('InvalidParameterException', 'CustomRoleArn names no location of SkyCrate.')
}

/** @throws CognitoIdentityError InvalidParameterException */
function checked<T>(validator: Parameters<typeof mistakeIn>[0], body: unknown): T {
  const mistake = mistakeIn(validator, body)
  if (mistake !== undefined) throw new CognitoIdentityError('InvalidParameterException', mistake)
  return body as T
}
