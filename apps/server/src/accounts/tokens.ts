import { isId, type SecretId, type SessionId, type UserId } from '@skycrate/core/naming/id'
import { decodeProtectedHeader, errors, jwtVerify, type JWTPayload, SignJWT } from 'jose'
import { SIGNING_ALGORITHM, type SigningKeys } from './signing-keys.ts'

const AUDIENCE = 'skycrate'
const TYPE = 'at+jwt'
/** Seconds. The processes that sign and verify are ours and keep time; one may still run a little behind another. */
const CLOCK_TOLERANCE_SECONDS = 5

/** Of ID tokens, so that none passes for an access token. */
const ID_TYPE = 'JWT'
/** What the access tokens of a user pool may do: look after the user's own account. Some clients of Cognito look for it. */
const APP_SCOPE = 'aws.cognito.signin.user.admin'

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

/** The app whose session the tokens are of. They then have the claims of a Cognito user pool's as well. */
export interface AppSession {
  readonly client: string
  readonly sessionId: SessionId
  /** What the user signs in with. */
  readonly username: string
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

export interface IdToken {
  readonly userId: UserId
  readonly sessionId: SessionId
  /** The app that it was issued to. */
  readonly client: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/**
 * SkyCrate's own tokens, by ES256: access tokens as of RFC 9068, and ID tokens. Those of an app stand for their user where
 * apps send ID tokens; any other opens nothing here.
 */
export interface AccessTokens {
  /** How long an access token is good for. */
  readonly accessSeconds: number
  sign(userId: UserId, sessionId: SessionId | SecretId, app?: AppSession): Promise<string>
  signId(userId: UserId, claims: IdClaims, app?: AppSession): Promise<string>
  verify(token: string): Promise<AccessToken | { readonly refused: 'expired' | 'id-token' | 'not-ours' }>
  /** An app's ID token; `id-token` for any other. */
  verifyId(token: string): Promise<IdToken | { readonly refused: 'expired' | 'id-token' | 'not-ours' }>
}

export function createAccessTokens(
  keys: SigningKeys,
  issuer: string,
  lifetimes: TokenLifetimes,
  now: () => number,
): AccessTokens {
  return {
    accessSeconds: lifetimes.accessSeconds,

    signId(userId, { email, emailVerified, name, groups }, app) {
      const issuedAt = Math.floor(now() / 1000)
      const { id, privateKey } = keys.newest()
      const claims = {
        ...(email === null ? {} : { email, email_verified: emailVerified }),
        ...(name === null ? {} : { name }),
        ...(groups === undefined ? {} : { groups }),
        ...(app && { token_use: 'id', sid: app.sessionId, 'cognito:username': app.username, ...ofPool(app) }),
      }
      return new SignJWT(claims)
        .setProtectedHeader({ alg: SIGNING_ALGORITHM, kid: id, typ: ID_TYPE })
        .setIssuer(issuer)
        .setAudience(app?.client ?? AUDIENCE)
        .setSubject(userId)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + lifetimes.idSeconds)
        .sign(privateKey)
    },

    sign(userId, sessionId, app) {
      const issuedAt = Math.floor(now() / 1000)
      const { id, privateKey } = keys.newest()
      const claims = app && { token_use: 'access', username: app.username, scope: APP_SCOPE, ...ofPool(app) }
      return new SignJWT({ sid: sessionId, client_id: app?.client ?? AUDIENCE, ...claims })
        .setProtectedHeader({ alg: SIGNING_ALGORITHM, kid: id, typ: TYPE })
        .setIssuer(issuer)
        .setAudience(AUDIENCE)
        .setSubject(userId)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + lifetimes.accessSeconds)
        .sign(privateKey)
    },

    async verify(token) {
      const verdict = await verified(token, { audience: AUDIENCE, typ: TYPE })
      if ('payload' in verdict) return read(verdict.payload) ?? { refused: 'not-ours' }
      return isIdToken(token) ? { refused: 'id-token' } : verdict
    },

    async verifyId(token) {
      const verdict = await verified(token, { typ: ID_TYPE })
      return 'payload' in verdict ? (readId(verdict.payload) ?? { refused: 'id-token' }) : verdict
    },
  }

  async function verified(
    token: string,
    expected: { readonly typ: string; readonly audience?: string },
  ): Promise<{ readonly payload: JWTPayload } | { readonly refused: 'expired' | 'not-ours' }> {
    try {
      const { payload } = await jwtVerify(
        token,
        async ({ kid }) => {
          const key = kid === undefined ? undefined : await keys.publicKey(kid)
          if (!key) throw new errors.JWKSNoMatchingKey()
          return key
        },
        {
          ...expected,
          algorithms: [SIGNING_ALGORITHM],
          issuer,
          requiredClaims: ['exp', 'sub'],
          clockTolerance: CLOCK_TOLERANCE_SECONDS,
          currentDate: new Date(now()),
        },
      )
      return { payload }
    } catch (error) {
      if (error instanceof errors.JWTExpired) return { refused: 'expired' }
      if (error instanceof errors.JOSEError || error instanceof TypeError) return { refused: 'not-ours' }
      throw error
    }
  }
}

/** Claims of a Cognito user pool's tokens. Amplify revokes tokens only where they name their sign-in (`origin_jti`). */
const ofPool = ({ groups = [], sessionId }: AppSession): object => ({
  origin_jti: sessionId,
  ...(groups.length > 0 && { 'cognito:groups': groups }),
})

function read(payload: JWTPayload): AccessToken | undefined {
  const { sub, sid, exp } = payload
  if (typeof sub !== 'string' || typeof sid !== 'string' || !isId('usr', sub)) return undefined
  if (!isId('ses', sid) && !isId('sec', sid)) return undefined
  return { userId: sub, sessionId: sid, expiresAt: exp! * 1000 }
}

function readId(payload: JWTPayload): IdToken | undefined {
  const { sub, sid, exp, aud, token_use: use } = payload
  if (use !== 'id' || typeof aud !== 'string' || typeof sub !== 'string' || typeof sid !== 'string') return undefined
  if (!isId('usr', sub) || !isId('ses', sid)) return undefined
  return { userId: sub, sessionId: sid, client: aud, expiresAt: exp! * 1000 }
}

/** Says only what the bearer is told; it is refused in any case. */
function isIdToken(token: string): boolean {
  try {
    return decodeProtectedHeader(token).typ === ID_TYPE
  } catch {
    return false
  }
}
