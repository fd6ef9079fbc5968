import type { Claims } from '@skycrate/core/identity/claims'
import { StsError } from '@skycrate/aws-wire/sts-error'

/** By name in lower case, as conditions know them: the texts of a claim. */
export type ClaimTexts = ReadonlyMap<string, readonly string[]>

const isScalar = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'

const textsOf = (value: unknown): readonly string[] | undefined => {
  const values: unknown[] = Array.isArray(value) ? value : [value]
  return values.every(isScalar) ? values.map(String) : undefined
}

/**
 * The claims of a token that are texts, numbers, truth values, or lists of these. As on AWS, `aud` is the party that the
 * token was issued to (`azp`) where it says so, and `oaud` then its audience.
 *
 * @throws StsError IDPRejectedClaim for names that differ in case alone, since conditions can't tell those apart
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
 */
export const claimsOfToken = (claims: Claims): ClaimTexts => {
  const found = new Map<string, readonly string[]>()
  const names = new Set<string>()
  for (const [given, value] of Object.entries(claims)) {
    const name = given.toLowerCase()
    if (names.has(name)) throw new StsError('IDPRejectedClaim', `The token has the claim ${name} more than once.`)
    names.add(name)
    const texts = textsOf(value)
    if (texts !== undefined) found.set(name, texts)
  }
  const party = found.get('azp')
  const audience = found.get('aud')
  if (party !== undefined) {
    found.set('aud', party)
    if (audience !== undefined) found.set('oaud', audience)
  }
  return found
}
