import type { Claims } from '@skycrate/core/identity/claims'
import { IssuerKeys } from '@skycrate/issuer-keys/issuer-keys'
import type { IssuerKeysOptions } from '@skycrate/issuer-keys/issuer-keys'
import { KeysUnavailableError } from '@skycrate/issuer-keys/keys-unavailable-error'
import { verifyToken } from '@skycrate/issuer-keys/verify-token'
import type { TokenVerdict } from '@skycrate/issuer-keys/verify-token'
import type { TrustedIssuer, TrustedRole } from './read-web-identity.ts'
import { readToken } from './read-token.ts'
import { StsError } from '@skycrate/aws-wire/sts-error'

/** Who a token speaks of, once everything about it has proven good. */
export interface VerifiedToken {
  readonly issuer: TrustedIssuer
  readonly subject: string
  /** The one that was configured. */
  readonly audience: string
  readonly claims: Claims
}

type Refusal = Extract<TokenVerdict, { outcome: 'refused' }>['reason']

const refusalOf = (reason: Refusal, claims: Claims, now: number): StsError => {
  switch (reason) {
    case 'wrong-algorithm':
      return new StsError('InvalidIdentityToken', 'The signature algorithm of the token is not accepted.')
    case 'unknown-key':
      return new StsError('InvalidIdentityToken', 'The identity provider has no such key as signed the token.')
    case 'wrong-signature':
      return new StsError('InvalidIdentityToken', 'The signature of the token is not valid.')
    case 'expired':
      return new StsError(
        'ExpiredTokenException',
        `Token expired: current date/time ${Math.floor(now / 1000)} must be before the expiration date/time ${String(claims['exp'])}`,
      )
    case 'wrong-audience':
    case 'id-token':
      return new StsError('InvalidIdentityToken', 'Incorrect token audience')
    case 'no-expiry':
      return new StsError('InvalidIdentityToken', 'The token has no expiration.')
    case 'no-subject':
      return new StsError('InvalidIdentityToken', 'The token has no subject.')
    case 'wrong-issuer':
      return new StsError('InvalidIdentityToken', 'The token is of another issuer.')
    case 'wrong-type':
      return new StsError('IDPRejectedClaim', 'The token is for another purpose than to say who its bearer is.')
    case 'too-many-groups':
    case 'groups-elsewhere':
    case 'unreadable-groups':
      return new StsError('IDPRejectedClaim', 'The groups in the token cannot be read.')
    case 'email-not-verified':
    case 'other-email-domain':
    case 'not-in-group':
      return new StsError('IDPRejectedClaim', 'The bearer of the token is not let in.')
    case 'not-yet-valid':
      return new StsError('IDPRejectedClaim', 'The token is not valid yet.')
  }
}

/** The issuers that are trusted, with their keys and roles. */
export class WebIdentities {
  readonly #issuers: ReadonlyMap<string, { readonly issuer: TrustedIssuer; readonly keys: IssuerKeys }>

  constructor(issuers: readonly TrustedIssuer[], options: IssuerKeysOptions) {
    this.#issuers = new Map(
      issuers.map((issuer) => [issuer.settings.issuer, { issuer, keys: new IssuerKeys(issuer.settings, options) }]),
    )
  }

  roleOf(issuer: string, arn: string): TrustedRole | undefined {
    return this.#issuers.get(issuer)?.issuer.roles.get(arn)
  }

  /**
   * Verifies a token: its issuer, its signature by a key of that issuer, its audience and its times.
   *
   * @param now milliseconds since 1970
   * @throws StsError
   */
  async verify(token: string | undefined, now: number): Promise<VerifiedToken> {
    const read = readToken(token)
    const { claims } = read
    const { iss } = claims
    const known = typeof iss === 'string' ? this.#issuers.get(iss) : undefined
    if (known === undefined) {
      throw new StsError(
        'InvalidIdentityToken',
        `No OpenIDConnect provider found in your account for ${typeof iss === 'string' ? iss.slice(0, 255) : 'the token'}`,
      )
    }
    const { settings } = known.issuer
    const verdict = await verifyToken(read, settings, known.keys, now).catch((error: unknown) => {
      if (!(error instanceof KeysUnavailableError)) throw error
      throw new StsError('IDPCommunicationError', 'The keys of the identity provider could not be fetched.')
    })
    if (verdict.outcome === 'refused') throw refusalOf(verdict.reason, claims, now)
    const named = [claims['aud'] ?? claims['client_id'] ?? claims['azp']].flat()
    const audience = settings.audience?.find((each) => named.includes(each)) ?? ''
    return { issuer: known.issuer, subject: verdict.subject, audience, claims }
  }
}
