import type { StoredTokens } from '../sessions/token-store.ts'

export type Claims = Readonly<Record<string, unknown>>

/** A token as Amplify 5 shows it. */
export interface JwtToken {
  readonly payload: Claims
  readonly jwtToken: string
  getJwtToken(): string
  decodePayload(): Claims
  /** Seconds since the epoch. */
  getExpiration(): number
  getIssuedAt(): number
}

export interface UserSession {
  getIdToken(): JwtToken
  getAccessToken(): JwtToken
  getRefreshToken(): { getToken(): string }
  isValid(): boolean
}

/** Read, and not verified: the server has the last word. */
export function claimsOf(token: string): Claims {
  const base64 = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  return JSON.parse(new TextDecoder().decode(bytes)) as Claims
}

function jwtToken(token: string): JwtToken {
  const payload = claimsOf(token)
  return {
    payload,
    jwtToken: token,
    getJwtToken: () => token,
    decodePayload: () => payload,
    getExpiration: () => Number(payload['exp']),
    getIssuedAt: () => Number(payload['iat']),
  }
}

/** Seconds before its end at which a token counts as ended. */
const MARGIN = 20

export function endsSoon(token: string, now: number): boolean {
  return Number(claimsOf(token)['exp']) - MARGIN <= now / 1000
}

export function userSession({ accessToken = '', idToken = '', refreshToken }: StoredTokens): UserSession {
  const [access, id] = [jwtToken(accessToken), jwtToken(idToken)]
  return {
    getIdToken: () => id,
    getAccessToken: () => access,
    getRefreshToken: () => ({ getToken: () => refreshToken }),
    isValid: () => ![accessToken, idToken].some((token) => endsSoon(token, Date.now())),
  }
}
