import type { Claims } from './claims.ts'
import { type EntryRefusal, entryRefusal } from './entry-rules.ts'
import { groupsOfClaims, type GroupsRefusal } from './groups-of-claims.ts'
import type { IssuerSettings } from './issuer-settings.ts'

/** Why claims were refused: for the operator's log, not for the bearer. */
export type ClaimsRefusal =
  | 'wrong-type'
  | 'wrong-issuer'
  | 'wrong-audience'
  /** For the app that asked for it, and not for an API. */
  | 'id-token'
  | 'no-expiry'
  | 'expired'
  | 'not-yet-valid'
  | 'no-subject'
  | GroupsRefusal
  | EntryRefusal

export type ClaimsVerdict =
  | {
      readonly outcome: 'accepted'
      readonly subject: string
      /** Null also where the issuer itself says that it is not verified: shown to an administrator, it would mislead. */
      readonly email: string | null
      /** What the issuer says of it: only the boolean true is a yes. Null where it says nothing. */
      readonly emailVerified: boolean | null
      readonly name: string | null
      readonly groups: readonly string[]
      readonly isAdmin: boolean
      /** Whether a person signed in; false for a machine that acts on its own. */
      readonly personal: boolean
      /** When the user last proved who they are, in milliseconds since the epoch; null where the issuer does not say. */
      readonly authenticatedAt: number | null
      /** How, as the issuer says; see RFC 8176. */
      readonly amr: readonly string[]
      /** Milliseconds since the epoch after which the token is refused, the clocks' tolerance included. */
      readonly expiresAt: number
    }
  | { readonly outcome: 'refused'; readonly reason: ClaimsRefusal }

const MAX_SUBJECT_LENGTH = 255

/** `typ` headers of tokens that are for presenting at an API, or say nothing. */
const TOKEN_TYPES = new Set(['jwt', 'at+jwt', 'application/at+jwt', 'id+jwt'])
/** Keycloak says in a claim what a token is for; Cognito in `token_use`. */
const FOREIGN_USES = new Set(['refresh', 'offline', 'logout'])

/**
 * Whether a verified token of this issuer is for us, and who its bearer is.
 *
 * An audience is required: `aud` names a configured audience or client; a token without `aud` (Cognito's access tokens)
 * is of a configured client by `client_id` or `azp`.
 *
 * @param now milliseconds since the epoch
 * @see RFC 9068, RFC 8725, OpenID Connect Core 1.0 section 3.1.3.7
 */
export function checkClaims(typ: unknown, claims: Claims, settings: IssuerSettings, now: number): ClaimsVerdict {
  const refusal = typeRefusal(typ, claims) ?? placeRefusal(claims, settings) ?? timeRefusal(claims, settings, now)
  if (refusal !== undefined) return { outcome: 'refused', reason: refusal }
  const names = settings.claims
  const subject = claims[names.subject ?? 'sub']
  if (typeof subject !== 'string' || !isStorable(subject, MAX_SUBJECT_LENGTH)) {
    return { outcome: 'refused', reason: 'no-subject' }
  }
  const groups = groupsOfClaims(claims, names)
  if ('refused' in groups) return { outcome: 'refused', reason: groups.refused }
  const verified = claims[names.emailVerified ?? 'email_verified']
  const email = isDenied(verified) ? null : textOf(claims[names.email ?? 'email'], 320)
  const emailVerified = verified === true || (isDenied(verified) ? false : null)
  const barred = entryRefusal(settings.allow, { email, emailVerified, groups })
  if (barred !== undefined) return { outcome: 'refused', reason: barred }
  return {
    outcome: 'accepted',
    subject,
    email,
    emailVerified,
    name: textOf(claims[names.name ?? 'name'], 200),
    groups,
    isAdmin: groups.some((group) => settings.adminGroups.includes(group)),
    personal: isPersonal(subject, claims),
    authenticatedAt: isTime(claims['auth_time']) ? claims['auth_time'] * 1000 : null,
    amr: methodsOf(claims['amr']),
    expiresAt: ((claims['exp'] as number) + settings.clockToleranceSeconds) * 1000,
  }
}

/** Entra and others say it as an array of strings; what is none says nothing. */
function methodsOf(amr: unknown): string[] {
  if (!Array.isArray(amr)) return []
  return amr.filter((each): each is string => typeof each === 'string' && each.length <= 32).slice(0, 16)
}

function typeRefusal(typ: unknown, claims: Claims): ClaimsRefusal | undefined {
  if (typ !== undefined && (typeof typ !== 'string' || !TOKEN_TYPES.has(typ.toLowerCase()))) return 'wrong-type'
  const use = claims['typ']
  if (typeof use === 'string' && FOREIGN_USES.has(use.toLowerCase())) return 'wrong-type'
  const tokenUse = claims['token_use']
  if (tokenUse !== undefined && tokenUse !== 'access' && tokenUse !== 'id') return 'wrong-type'
  // Only a logout token says what happened instead of who somebody is.
  return claims['events'] === undefined ? undefined : 'wrong-type'
}

function placeRefusal(claims: Claims, settings: IssuerSettings): ClaimsRefusal | undefined {
  if (claims['iss'] !== settings.issuer) return 'wrong-issuer'
  const { audience = [], clientId = [] } = settings
  const aud = claims['aud']
  if (aud === undefined) {
    const client = claims['client_id'] ?? claims['azp']
    return typeof client === 'string' && clientId.includes(client) ? undefined : 'wrong-audience'
  }
  const named = Array.isArray(aud) ? aud : [aud]
  const isOurs = named.some((each) => typeof each === 'string' && (audience.includes(each) || clientId.includes(each)))
  if (isOurs) return undefined
  return isIdToken(claims) ? 'id-token' : 'wrong-audience'
}

/** What only an ID token holds; issuers that mark it name its use besides. */
function isIdToken(claims: Claims): boolean {
  if (claims['token_use'] === 'id' || claims['typ'] === 'ID') return true
  return ['nonce', 'at_hash', 'c_hash'].some((name) => claims[name] !== undefined)
}

function timeRefusal(claims: Claims, settings: IssuerSettings, now: number): ClaimsRefusal | undefined {
  const seconds = now / 1000
  const tolerance = settings.clockToleranceSeconds
  const { exp, nbf, iat } = claims
  if (!isTime(exp)) return 'no-expiry'
  if (exp + tolerance <= seconds) return 'expired'
  for (const begin of [nbf, iat]) {
    if (begin === undefined) continue
    if (!isTime(begin) || begin - tolerance > seconds) return 'not-yet-valid'
  }
  return undefined
}

/** What AWS says of a workload in a token that the account's own issuer signs. */
const AWS_WORKLOAD = 'https://sts.amazonaws.com/'

/** Machines: Auth0 marks the subject or the grant, AWS says which workload it is, others make the client its own subject. */
function isPersonal(subject: string, claims: Claims): boolean {
  if (claims[AWS_WORKLOAD] !== undefined) return false
  if (subject.endsWith('@clients') || claims['gty'] === 'client-credentials') return false
  return subject !== (claims['client_id'] ?? claims['azp'])
}

const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0

/** Cognito writes booleans as text in places. */
const isDenied = (verified: unknown): boolean => verified === false || verified === 'false'

function textOf(value: unknown, longest: number): string | null {
  return typeof value === 'string' && isStorable(value, longest) ? value : null
}

function isStorable(text: string, longest: number): boolean {
  return text.length > 0 && text.length <= longest && text.isWellFormed() && !text.includes('\0')
}
