import type { IssuerSettings } from '@skycrate/core/identity/issuer-settings'
import { compactVerify, errors } from 'jose'
import type { IssuerKeys } from './issuer-keys.ts'
import type { ReadToken } from './read-token.ts'

export type SignatureRefusal = 'wrong-algorithm' | 'unknown-key' | 'wrong-signature'

/**
 * Why a token is not signed by a key of its issuer, by an algorithm that counts; undefined where it is.
 *
 * @throws KeysUnavailableError
 * @see RFC 8725
 */
export const verifySignature = async (
  { text, header }: ReadToken,
  settings: Pick<IssuerSettings, 'algorithms'>,
  keys: IssuerKeys,
): Promise<SignatureRefusal | undefined> => {
  const algorithms: string[] = [...settings.algorithms]
  // Before any key is looked at: what the token says of its algorithm must not choose how it is verified.
  if (!algorithms.includes(header.alg)) return 'wrong-algorithm'
  const candidates = await keys.find(header)
  if (candidates.length === 0) return 'unknown-key'
  for (const key of candidates) {
    try {
      await compactVerify(text, key, { algorithms })
      return undefined
    } catch (error) {
      // A key that does not go with the algorithm is a TypeError.
      if (!(error instanceof errors.JOSEError || error instanceof TypeError)) throw error
    }
  }
  return 'wrong-signature'
}
