import { formatAmzDate, parseAmzDate, parseHttpDate } from './amz-date.ts'
import { ALGORITHM } from './canonical.ts'
import { parseCredential } from './credential-scope.ts'
import type { QueryParameter } from './query.ts'
import { headerValues, isSignature, parseSignedHeaders, type SignatureClaim, type WireHeaders } from './verify-claim.ts'
import { refuse, type VerifyRefusal } from './verify-refusal.ts'

/**
 * Reads the claim of an `Authorization` header, which is there.
 *
 * @param knownHash the body's hash where no header says it
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html
 */
export function readHeaderClaim(
  headers: WireHeaders,
  query: readonly QueryParameter[],
  knownHash?: string,
): SignatureClaim | VerifyRefusal {
  const authorization = headerValues(headers, 'authorization')
  const [text] = authorization
  if (text === undefined || authorization.length > 1) return refuse('authorization-duplicated')
  const space = text.indexOf(' ')
  const scheme = space === -1 ? text : text.slice(0, space)
  if (scheme !== ALGORITHM) {
    return refuse(scheme.startsWith('AWS') ? 'signature-version-unsupported' : 'authorization-type-unsupported')
  }

  const parts = readParts(text.slice(space + 1))
  const signedHeaders = parseSignedHeaders(parts?.SignedHeaders ?? '')
  if (space === -1 || parts === undefined || signedHeaders === undefined || !isSignature(parts.Signature)) {
    return refuse('authorization-malformed')
  }
  const credential = parseCredential(parts.Credential)
  if (credential === undefined) return refuse('authorization-credential-malformed')

  const date = readDate(headers)
  if (date === undefined) return refuse('date-missing')

  const [sentHash, ...otherHashes] = headerValues(headers, 'x-amz-content-sha256')
  const payloadHash = sentHash ?? knownHash
  if (payloadHash === undefined) return refuse('payload-hash-missing')
  if (otherHashes.length > 0) return refuse('payload-hash-invalid')
  const [sessionToken, ...otherTokens] = headerValues(headers, 'x-amz-security-token')
  if (otherTokens.length > 0) return refuse('token-invalid')

  return {
    kind: 'header',
    credential,
    signedHeaders,
    signature: parts.Signature,
    ...date,
    ...(sessionToken === undefined ? {} : { sessionToken }),
    payloadHash,
    query,
  }
}

interface Parts {
  Credential: string
  SignedHeaders: string
  Signature: string
}

/** The three parts, in any order, each once, after commas with or without blanks. */
function readParts(text: string): Parts | undefined {
  const found = new Map<string, string>()
  for (const piece of text.split(',')) {
    const part = piece.trim()
    const equals = part.indexOf('=')
    const name = part.slice(0, equals)
    if (equals === -1 || found.has(name)) return undefined
    found.set(name, part.slice(equals + 1))
  }
  const Credential = found.get('Credential')
  const SignedHeaders = found.get('SignedHeaders')
  const Signature = found.get('Signature')
  if (Credential === undefined || SignedHeaders === undefined || Signature === undefined || found.size !== 3) {
    return undefined
  }
  return { Credential, SignedHeaders, Signature }
}

function readDate(headers: WireHeaders): Pick<SignatureClaim, 'amzDate' | 'signedAt'> | undefined {
  const [amzDate, ...otherAmzDates] = headerValues(headers, 'x-amz-date')
  if (amzDate !== undefined) {
    const signedAt = otherAmzDates.length > 0 ? undefined : parseAmzDate(amzDate)
    return signedAt === undefined ? undefined : { amzDate, signedAt }
  }
  const dates = headerValues(headers, 'date')
  const signedAt = dates.length === 1 ? parseHttpDate(dates[0] ?? '') : undefined
  return signedAt === undefined ? undefined : { amzDate: formatAmzDate(signedAt), signedAt }
}
