import type { Claims } from './claims.ts'
import type { IssuerSettings } from './issuer-settings.ts'

export type LogoutVerdict =
  | {
      readonly outcome: 'accepted'
      /** At least one of the two is there. */
      readonly subject: string | undefined
      readonly issuerSession: string | undefined
    }
  | { readonly outcome: 'refused'; readonly reason: LogoutRefusal }

export type LogoutRefusal =
  | 'wrong-type'
  | 'wrong-issuer'
  | 'wrong-audience'
  | 'no-logout-event'
  | 'has-nonce'
  | 'no-expiry'
  | 'expired'
  | 'not-yet-valid'
  | 'nobody-named'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
const TYPES = new Set(['jwt', 'logout+jwt', 'application/logout+jwt'])
/** Seconds for which a token without `exp`, as older issuers send it, counts after it was issued. */
const LIFETIME = 120
const MAX_LENGTH = 255

/**
 * Whether a verified token says that somebody has signed out at their issuer, and who.
 *
 * @param clientId SkyCrate's own there
 * @param now milliseconds since the epoch
 * @see OpenID Connect Back-Channel Logout 1.0 section 2.6
 */
export function checkLogoutClaims(
  typ: unknown,
  claims: Claims,
  { issuer, clockToleranceSeconds }: Pick<IssuerSettings, 'issuer' | 'clockToleranceSeconds'>,
  clientId: string,
  now: number,
): LogoutVerdict {
  const refusal =
    typeRefusal(typ, claims) ??
    placeRefusal(claims, issuer, clientId) ??
    timeRefusal(claims, clockToleranceSeconds, now / 1000)
  if (refusal !== undefined) return { outcome: 'refused', reason: refusal }
  const [subject, issuerSession] = [textOf(claims['sub']), textOf(claims['sid'])]
  // Somebody whose name can't be read is not nobody in particular.
  const isUnreadable =
    (subject === undefined) !== (claims['sub'] === undefined) ||
    (issuerSession === undefined) !== (claims['sid'] === undefined)
  if (isUnreadable || (subject === undefined && issuerSession === undefined)) {
    return { outcome: 'refused', reason: 'nobody-named' }
  }
  return { outcome: 'accepted', subject, issuerSession }
}

function typeRefusal(typ: unknown, claims: Claims): LogoutRefusal | undefined {
  if (typ !== undefined && (typeof typ !== 'string' || !TYPES.has(typ.toLowerCase()))) return 'wrong-type'
  const events = claims['events']
  const event = typeof events === 'object' && events !== null ? (events as Claims)[EVENT] : undefined
  if (typeof event !== 'object' || event === null) return 'no-logout-event'
  // Or an ID token could pass for one.
  return claims['nonce'] === undefined ? undefined : 'has-nonce'
}

function placeRefusal(claims: Claims, issuer: string, clientId: string): LogoutRefusal | undefined {
  if (claims['iss'] !== issuer) return 'wrong-issuer'
  const { aud } = claims
  return (Array.isArray(aud) ? aud : [aud]).includes(clientId) ? undefined : 'wrong-audience'
}

function timeRefusal({ exp, iat }: Claims, tolerance: number, seconds: number): LogoutRefusal | undefined {
  if (!isTime(iat)) return 'not-yet-valid'
  if (iat - tolerance > seconds) return 'not-yet-valid'
  if (exp !== undefined && !isTime(exp)) return 'no-expiry'
  return (exp ?? iat + LIFETIME) + tolerance <= seconds ? 'expired' : undefined
}

const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= MAX_LENGTH && !value.includes('\0')
    ? value
    : undefined
}
