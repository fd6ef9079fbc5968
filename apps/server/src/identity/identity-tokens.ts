import { hkdfSync } from 'node:crypto'
import type { Group } from '@skycrate/core/identity/group'
import { isId, type SessionId } from '@skycrate/core/naming/id'
import { errors, jwtVerify, SignJWT } from 'jose'
import type { SessionCaller } from './session-keys.ts'

/** Seconds, as Cognito's. */
const LIFETIME = 600
const TYPE = 'identity+jwt'

interface Said {
  readonly groups: Group[]
  readonly email: string | null
  readonly sid: SessionId | null
}

type Identity = Omit<SessionCaller, 'isAdmin'>

/** Tokens of the identity pool: they are taken at /sts, and nowhere else. */
export interface IdentityTokens {
  /** @param audience the identity pool's id */
  write(identity: Identity, audience: string): Promise<string>
  /** Undefined for any other token. */
  read(token: string): Promise<Identity | 'expired' | undefined>
}

export function createIdentityTokens(options: {
  readonly secret: string
  /** Of SkyCrate's own tokens. */
  readonly issuer: string
  readonly now: () => number
}): IdentityTokens {
  const { now } = options
  const key = Buffer.from(hkdfSync('sha256', options.secret, '', 'skycrate identity tokens', 32))
  const issuer = `${options.issuer}/cognito-identity`
  return {
    write({ userId, sessionId, groups, verifiedEmail }, audience) {
      const issuedAt = Math.floor(now() / 1000)
      return new SignJWT({ groups, email: verifiedEmail, sid: sessionId })
        .setProtectedHeader({ alg: 'HS256', typ: TYPE })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(userId)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + LIFETIME)
        .sign(key)
    },

    async read(token) {
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: ['HS256'],
          issuer,
          typ: TYPE,
          requiredClaims: ['exp', 'sub'],
          currentDate: new Date(now()),
        })
        // Genuine, so it has the shape that `write` gave it.
        const { sub = '', groups, email, sid } = payload as { sub?: string } & Partial<Said>
        return isId('usr', sub)
          ? { userId: sub, sessionId: sid ?? null, groups: groups ?? [], verifiedEmail: email ?? null }
          : undefined
      } catch (error) {
        if (error instanceof errors.JWTExpired) return 'expired'
        if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined
        throw error
      }
    },
  }
}
