import type { Claims } from './claims.ts'
import type { IssuerSettings } from './issuer-settings.ts'

export type LogoutVerdict =
  | {
      readonly outcome: 'accepted'
      /** At least one of the two is there. */
      readonly subject: string | undefined
      readonly issuerSession: string | undefined
      /** `jti`; older issuers send none. */
      readonly id: string | undefined
      /** Milliseconds since the epoch, the tolerance included. */
      readonly expiresAt: number
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
  | 'lives-too-long'
  | 'not-yet-valid'
  | 'nobody-named'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
const TYPES = new Set(['jwt', 'logout+jwt', 'application/logout+jwt'])
/** Seconds for which a token without `exp`, as older issuers send it, counts after it was issued. */
const LIFETIME = 120
/** Seconds: a used token is remembered until it ends. The specification recommends two minutes. */
const MAX_LIFETIME = 24 * 60 * 60
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
  const expiresAt = (endOf(claims) + clockToleranceSeconds) * 1000
  return { outcome: 'accepted', subject, issuerSession, id: textOf(claims['jti']), expiresAt }
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
  const end = endOf({ exp, iat })
  if (end + tolerance <= seconds) return 'expired'
  return end - seconds > MAX_LIFETIME + tolerance ? 'lives-too-long' : undefined
}

const endOf = ({ exp, iat }: Claims): number => (isTime(exp) ? exp : (iat as number) + LIFETIME)

const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= MAX_LENGTH && !value.includes('\0')
    ? value
    : undefined
}
