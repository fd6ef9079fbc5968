import { checkClaims } from '@skycrate/core/identity/check-claims'
import type { ClaimsVerdict } from '@skycrate/core/identity/check-claims'
import type { IssuerSettings } from '@skycrate/core/identity/issuer-settings'
import { compactVerify, errors } from 'jose'
import type { IssuerKeys } from './issuer-keys.ts'
import type { ReadToken } from './read-token.ts'

export type TokenVerdict =
  | ClaimsVerdict
  | { readonly outcome: 'refused'; readonly reason: 'wrong-algorithm' | 'unknown-key' | 'wrong-signature' }

/**
 * Whether a token is the issuer's and for us: its algorithm, its signature by a key of that issuer, its claims.
 *
 * @param keys of the same issuer as the settings
 * @param now milliseconds since the epoch
 * @throws KeysUnavailableError
 * @see RFC 8725
 */
export const verifyToken = async (
  { text, header, claims }: ReadToken,
  settings: IssuerSettings,
  keys: IssuerKeys,
  now: number,
): Promise<TokenVerdict> => {
  const algorithms: string[] = [...settings.algorithms]
  // Before any key is looked at: what the token says of its algorithm must not choose how it is verified.
  if (!algorithms.includes(header.alg)) return { outcome: 'refused', reason: 'wrong-algorithm' }
  const candidates = await keys.find(header)
  if (candidates.length === 0) return { outcome: 'refused', reason: 'unknown-key' }
  for (const key of candidates) {
    try {
      await compactVerify(text, key, { algorithms })
      return checkClaims(header.typ, claims, settings, now)
    } catch (error) {
      // A key that does not go with the algorithm is a TypeError.
      if (!(error instanceof errors.JOSEError || error instanceof TypeError)) throw error
    }
  }
  return { outcome: 'refused', reason: 'wrong-signature' }
}
