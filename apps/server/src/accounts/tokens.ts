import { isId, type SecretId, type SessionId, type UserId } from '@skycrate/core/naming/id'
import { errors, jwtVerify, type JWTPayload, SignJWT } from 'jose'
import { SIGNING_ALGORITHM, type SigningKeys } from './signing-keys.ts'

/** Seconds that an access token holds. */
export const ACCESS_TOKEN_SECONDS = 30 * 60
const AUDIENCE = 'skycrate'
const TYPE = 'at+jwt'
/** Seconds. The processes that sign and verify are ours and keep time; one may still run a little behind another. */
const CLOCK_TOLERANCE_SECONDS = 5

export interface AccessToken {
  readonly userId: UserId
  /** By what it was got: a session, or the secret of a machine. */
  readonly sessionId: SessionId | SecretId
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** SkyCrate's own access tokens: ES256, by RFC 9068. */
export interface AccessTokens {
  sign(userId: UserId, sessionId: SessionId | SecretId): Promise<string>
  verify(token: string): Promise<AccessToken | { readonly refused: 'expired' | 'not-ours' }>
}

export function createAccessTokens(keys: SigningKeys, issuer: string, now: () => number): AccessTokens {
  return {
    sign(userId, sessionId) {
      const issuedAt = Math.floor(now() / 1000)
      const { id, privateKey } = keys.newest()
      return new SignJWT({ sid: sessionId, client_id: AUDIENCE })
        .setProtectedHeader({ alg: SIGNING_ALGORITHM, kid: id, typ: TYPE })
        .setIssuer(issuer)
        .setAudience(AUDIENCE)
        .setSubject(userId)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + ACCESS_TOKEN_SECONDS)
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
