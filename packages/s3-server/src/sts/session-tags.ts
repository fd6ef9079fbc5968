import type { Claims } from '@skycrate/core/identity/claims'
import { StsError } from '@skycrate/aws-wire/sts-error'

const CLAIM = 'https://aws.amazon.com/tags'
const MAX_TAGS = 50
const NAME = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u
const VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * The tags that a token gives its session: `principal_tags` of the claim `https://aws.amazon.com/tags`, each a text or a
 * list of one.
 *
 * @throws StsError IDPRejectedClaim
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp
 */
export const sessionTags = (claims: Claims): ReadonlyMap<string, string> => {
  const { [CLAIM]: claim } = claims
  if (claim === undefined) return new Map()
  const given = isObject(claim) ? claim['principal_tags'] : undefined
  const entries = isObject(given) ? Object.entries(given) : undefined
  const tags = entries?.map(([name, value]): [string, unknown] => [
    name,
    Array.isArray(value) && value.length === 1 ? value[0] : value,
  ])
  const isTag = ([name, value]: [string, unknown]): boolean =>
    NAME.test(name) && typeof value === 'string' && VALUE.test(value)
  if (tags === undefined || tags.length > MAX_TAGS || !tags.every(isTag)) {
    throw new StsError('IDPRejectedClaim', `The claim ${CLAIM} does not hold proper tags.`)
  }
  return new Map(tags as [string, string][])
}
