import { isId, type SecretId, type SessionId, type UserId } from '@skycrate/core/naming/id'
import { decodeProtectedHeader, errors, jwtVerify, type JWTPayload, SignJWT } from 'jose'
import { SIGNING_ALGORITHM, type SigningKeys } from './signing-keys.ts'

const AUDIENCE = 'skycrate'
const TYPE = 'at+jwt'
/** Seconds. The processes that sign and verify are ours and keep time; one may still run a little behind another. */
const CLOCK_TOLERANCE_SECONDS = 5

/** Of ID tokens, so that none passes for an access token. */
const ID_TYPE = 'JWT'

/** How long each token is good for. */
export interface TokenLifetimes {
  readonly accessSeconds: number
  readonly idSeconds: number
  /** Of a session, and so of its refresh tokens, counted from the sign-in. */
  readonly sessionDays: number
}

/** Who signed in, for the app that they signed in to. @see OpenID Connect Core 1.0, section 2 */
export interface IdClaims {
  readonly email: string | null
  readonly emailVerified: boolean
  readonly name: string | null
  /** Undefined where they are too many for a token. */
  readonly groups: readonly string[] | undefined
}

export interface AccessToken {
  readonly userId: UserId
  /** By what it was got: a session, or the secret of a machine. */
  readonly sessionId: SessionId | SecretId
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** SkyCrate's own tokens, by ES256: access tokens as of RFC 9068, and ID tokens, which open nothing here. */
export interface AccessTokens {
  /** How long an access token is good for. */
  readonly accessSeconds: number
  sign(userId: UserId, sessionId: SessionId | SecretId): Promise<string>
  signId(userId: UserId, claims: IdClaims): Promise<string>
  verify(token: string): Promise<AccessToken | { readonly refused: 'expired' | 'id-token' | 'not-ours' }>
}

export function createAccessTokens(
  keys: SigningKeys,
  issuer: string,
  lifetimes: TokenLifetimes,
  now: () => number,
): AccessTokens {
  return {
    accessSeconds: lifetimes.accessSeconds,

    signId(userId, { email, emailVerified, name, groups }) {
      const issuedAt = Math.floor(now() / 1000)
      const { id, privateKey } = keys.newest()
      const claims = {
        ...(email === null ? {} : { email, email_verified: emailVerified }),
        ...(name === null ? {} : { name }),
        ...(groups === undefined ? {} : { groups }),
      }
      return new SignJWT(claims)
        .setProtectedHeader({ alg: SIGNING_ALGORITHM, kid: id, typ: ID_TYPE })
        .setIssuer(issuer)
        .setAudience(AUDIENCE)
        .setSubject(userId)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + lifetimes.idSeconds)
        .sign(privateKey)
    },

    sign(userId, sessionId) {
      const issuedAt = Math.floor(now() / 1000)
      const { id, privateKey } = keys.newest()
      return new SignJWT({ sid: sessionId, client_id: AUDIENCE })
        .setProtectedHeader({ alg: SIGNING_ALGORITHM, kid: id, typ: TYPE })
        .setIssuer(issuer)
        .setAudience(AUDIENCE)
        .setSubject(userId)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + lifetimes.accessSeconds)
        .sign(privateKey)
    },

    async verify(token) {
      try {
        const { payload } = await jwtVerify(
          token,
          async ({ kid }) => {
            const key = kid === undefined ? undefined : await keys.publicKey(kid)
            if (!key) throw new errors.JWKSNoMatchingKey()
            return key
          },
          {
            algorithms: [SIGNING_ALGORITHM],
            issuer,
            audience: AUDIENCE,
            typ: TYPE,
            requiredClaims: ['exp', 'sub', 'sid'],
            clockTolerance: CLOCK_TOLERANCE_SECONDS,
            currentDate: new Date(now()),
          },
        )
        return read(payload) ?? { refused: 'not-ours' }
      } catch (error) {
        if (isIdToken(token)) return { refused: 'id-token' }
        if (error instanceof errors.JWTExpired) return { refused: 'expired' }
        if (error instanceof errors.JOSEError || error instanceof TypeError) return { refused: 'not-ours' }
        throw error
      }
    },
  }
}

function read(payload: JWTPayload): AccessToken | undefined {
  const { sub, sid, exp } = payload
  if (typeof sub !== 'string' || typeof sid !== 'string' || !isId('usr', sub)) return undefined
  if (!isId('ses', sid) && !isId('sec', sid)) return undefined
  return { userId: sub, sessionId: sid, expiresAt: exp! * 1000 }
}

/** Says only what the bearer is told; it is refused in any case. */
function isIdToken(token: string): boolean {
  try {
    return decodeProtectedHeader(token).typ === ID_TYPE
  } catch {
    return false
  }
}
