import { verifyRequest } from '@skycrate/core/sigv4/verify'
import type { Proof } from '../auth/condition-context.ts'
import { findCredentials } from '../auth/find-credentials.ts'
import type { Identity } from '../auth/identity.ts'
import { sayRefusal } from '../auth/say-refusal.ts'
import type { RequestContext } from '../request-context.ts'
import { StsError, type StsErrorCode } from '@skycrate/aws-wire/sts-error'

/** What S3 and STS call the same thing. */
const CODES: ReadonlyMap<string, StsErrorCode> = new Map([
  ['AccessDenied', 'AccessDenied'],
  ['AuthorizationHeaderMalformed', 'SignatureDoesNotMatch'],
  ['ExpiredToken', 'ExpiredToken'],
  ['InvalidAccessKeyId', 'InvalidClientTokenId'],
  ['InvalidToken', 'InvalidClientTokenId'],
  ['RequestTimeTooSkewed', 'SignatureDoesNotMatch'],
  ['SignatureDoesNotMatch', 'SignatureDoesNotMatch'],
])

export interface StsCaller {
  readonly identity: Identity
  readonly proof: Proof
}

/**
 * Who signed a request for STS.
 *
 * @param hash the SHA-256 of its body, in hex
 * @throws StsError
 */
export const authenticateSts = ({ site, request, now }: RequestContext, hash: string): StsCaller => {
  const credentials = findCredentials(site)
  const headers = Object.fromEntries(Array.from(request.headers.entries(), ([name, value]) => [name, [value]]))
  const verdict = verifyRequest(
    { method: request.method, ...request.raw, headers },
    {
      lookup: credentials.lookup,
      region: site.region,
      service: 'sts',
      now,
      keys: site.signingKeys,
      payloadHash: hash,
    },
  )
  if (verdict.outcome === 'refused') {
    throw new StsError(CODES.get(verdict.code) ?? 'IncompleteSignature', sayRefusal(verdict.message, verdict.details))
  }
  if (verdict.outcome === 'anonymous' || verdict.kind !== 'header') {
    throw new StsError('MissingAuthenticationToken', 'Request is missing Authentication Token')
  }
  if (verdict.payloadHash !== hash) {
    throw new StsError('SignatureDoesNotMatch', 'The hash that was signed is not that of the body.')
  }
  const proof: Proof = { authType: 'REST-HEADER', signedAt: verdict.signedAt, payloadHash: hash }
  return { identity: credentials.found(), proof }
}
