import { parseAmzDate } from './amz-date.ts'
import { ALGORITHM, UNSIGNED_PAYLOAD } from './canonical.ts'
import { parseCredential } from './credential-scope.ts'
import { MAX_EXPIRES_IN } from './presign.ts'
import type { QueryParameter } from './query.ts'
import { headerValues, isSignature, parseSignedHeaders, type SignatureClaim, type WireHeaders } from './verify-claim.ts'
import { refuse, type VerifyRefusal } from './verify-refusal.ts'

const REQUIRED = [
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Date',
  'X-Amz-Expires',
  'X-Amz-SignedHeaders',
  'X-Amz-Signature',
] as const
const READ_HERE = new Set<string>([...REQUIRED, 'X-Amz-Security-Token', 'X-Amz-Content-Sha256'])
/** As Amplify 5 writes it, which S3 takes as well. */
const LOWER_CASE_HASH = 'x-amz-content-sha256'
const MARKS = new Set(['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Signature'])

/** Whether the query claims to be signed: one of the telling parameters suffices, so that a torn URL isn't anonymous. */
export function isPresigned(query: readonly QueryParameter[]): boolean {
  return query.some(([name]) => MARKS.has(name))
}

/**
 * Reads the claim of a presigned query.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export function readPresignedClaim(
  headers: WireHeaders,
  query: readonly QueryParameter[],
): SignatureClaim | VerifyRefusal {
  const found = new Map<string, string>()
  for (const [given, value] of query) {
    const name = given === LOWER_CASE_HASH ? 'X-Amz-Content-Sha256' : given
    if (!READ_HERE.has(name)) continue
    if (found.has(name)) return refuse('query-parameters-duplicated')
    found.set(name, value)
  }
  const [algorithm, credentialText, amzDate, expires, signedHeadersText, signature] = REQUIRED.map((name) =>
    found.get(name),
  )
  if (
    algorithm === undefined ||
    credentialText === undefined ||
    amzDate === undefined ||
    expires === undefined ||
    signedHeadersText === undefined ||
    signature === undefined
  ) {
    return refuse('query-parameters-missing')
  }
  if (algorithm !== ALGORITHM) return refuse('query-algorithm-unsupported')
  const credential = parseCredential(credentialText)
  if (credential === undefined) return refuse('query-credential-malformed')
  const signedAt = parseAmzDate(amzDate)
  if (signedAt === undefined) return refuse('query-date-malformed')
  if (!/^\d{1,15}$/.test(expires)) return refuse('query-expires-not-a-number')
  const expiresIn = Number(expires)
  if (expiresIn < 1) return refuse('query-expires-too-small')
  if (expiresIn > MAX_EXPIRES_IN) return refuse('query-expires-too-large')
  const signedHeaders = parseSignedHeaders(signedHeadersText)
  if (signedHeaders === undefined) return refuse('query-signed-headers-malformed')
  if (!isSignature(signature)) return refuse('query-signature-malformed')

  const hashes = headerValues(headers, 'x-amz-content-sha256')
  if (hashes.length > 1) return refuse('payload-hash-invalid')
  const sessionToken = found.get('X-Amz-Security-Token')
  return {
    kind: 'presigned',
    credential,
    signedHeaders,
    signature,
    amzDate,
    signedAt,
    expiresIn,
    ...(sessionToken === undefined ? {} : { sessionToken }),
    payloadHash: found.get('X-Amz-Content-Sha256') ?? hashes[0] ?? UNSIGNED_PAYLOAD,
    query: query.filter(([name]) => name !== 'X-Amz-Signature'),
  }
}
