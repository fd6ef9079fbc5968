import { checkClaims } from '@skycrate/core/identity/check-claims'
import type { ClaimsVerdict } from '@skycrate/core/identity/check-claims'
import type { IssuerSettings } from '@skycrate/core/identity/issuer-settings'
import type { IssuerKeys } from './issuer-keys.ts'
import type { ReadToken } from './read-token.ts'
import { type SignatureRefusal, verifySignature } from './verify-signature.ts'

export type TokenVerdict = ClaimsVerdict | { readonly outcome: 'refused'; readonly reason: SignatureRefusal }

/**
 * Whether a token is the issuer's and for us: its algorithm, its signature by a key of that issuer, its claims.
 *
 * @param keys of the same issuer as the settings
 * @param now milliseconds since the epoch
 * @throws KeysUnavailableError
 * @see RFC 8725
 */
export const verifyToken = async (
  token: ReadToken,
  settings: IssuerSettings,
  keys: IssuerKeys,
  now: number,
): Promise<TokenVerdict> => {
  const reason = await verifySignature(token, settings, keys)
  return reason === undefined
    ? checkClaims(token.header.typ, token.claims, settings, now)
    : { outcome: 'refused', reason }
}
