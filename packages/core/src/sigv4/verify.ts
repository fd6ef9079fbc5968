import { timingSafeEqual, type KeyObject } from 'node:crypto'
import { canonicalHeaderValue, canonicalRequest, credentialScope, signText, stringToSign } from './canonical.ts'
import type { ChunkSeed } from './chunk-seed.ts'
import { decodePath } from './decode.ts'
import { encodeKey } from './encode.ts'
import { canonicalQuery, parseQuery, type QueryParameter } from './query.ts'
import { deriveSigningKey, type SigningKeyCache } from './signing-key.ts'
import { sameToken } from './token.ts'
import { headerValues, type SignatureClaim, type WireHeaders } from './verify-claim.ts'
import { readHeaderClaim } from './verify-header.ts'
import { isPresigned, readPresignedClaim } from './verify-presigned.ts'
import { refuse, type VerifyRefusal } from './verify-refusal.ts'

/** A request as it came on the wire; nothing decoded, nothing normalised. */
export interface WireRequest {
  readonly method: string
  /** The request target up to `?`, starting with `/`. */
  readonly rawPath: string
  /** After `?`; '' when there is none. */
  readonly rawQuery: string
  readonly headers: WireHeaders
}

export interface KnownCredentials {
  readonly secretAccessKey: string
  /** The token that must come with the key. Without it a request with a token is refused. */
  readonly sessionToken?: string
  /** Milliseconds since the epoch from which the credentials are void. */
  readonly expiresAt?: number
}

export interface VerifyOptions {
  /**
   * What is known of an access key. The token is passed for those whose secret lies in the token itself: they answer
   * with that same token once it has proven genuine.
   */
  readonly lookup: (accessKeyId: string, sessionToken: string | undefined) => KnownCredentials | undefined
  readonly region: string
  readonly service: string
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Milliseconds either way; 15 minutes, as on S3. */
  readonly maxSkewMs?: number
  readonly keys?: SigningKeyCache
  /** The body's SHA-256 in hex, for services whose signers don't send it as a header, unlike S3's. */
  readonly payloadHash?: string
}

/**
 * What the signature says of the body. `signed`: the body's SHA-256 is `payloadHash`, and the server must compare it.
 * `chunked-…`: the body is aws-chunked, see `ChunkedDecoder`.
 */
export type PayloadKind =
  | 'unsigned'
  | 'signed'
  | 'chunked-signed'
  | 'chunked-signed-trailer'
  | 'chunked-unsigned-trailer'

export interface Verified {
  readonly outcome: 'verified'
  readonly accessKeyId: string
  readonly kind: 'header' | 'presigned'
  readonly payload: PayloadKind
  /** The value of `x-amz-content-sha256`, or `UNSIGNED-PAYLOAD` for a presigned request without one. */
  readonly payloadHash: string
  /** For the chunks of a `chunked-signed…` body. */
  readonly seed: ChunkSeed
  /** Lower-case names, in order. */
  readonly signedHeaders: readonly string[]
  /** The path that was signed, decoded once: bucket and key must be taken from it. */
  readonly path: string
  /** The query that was signed, decoded once, with the authentication parameters still in it. */
  readonly query: readonly QueryParameter[]
  /** Milliseconds since the epoch. */
  readonly signedAt: number
  /** When a presigned request stops being valid, in milliseconds since the epoch. */
  readonly expiresAt?: number
}

/** Neither a query nor a header claims a signature. */
export interface Anonymous {
  readonly outcome: 'anonymous'
  readonly path: string
  readonly query: readonly QueryParameter[]
}

export type Verdict = Verified | Anonymous | VerifyRefusal

const FIFTEEN_MINUTES = 15 * 60 * 1000
const SHA256_HEX = /^[0-9a-f]{64}$/
const PAYLOADS: ReadonlyMap<string, PayloadKind> = new Map([
  ['UNSIGNED-PAYLOAD', 'unsigned'],
  ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD', 'chunked-signed'],
  ['STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER', 'chunked-signed-trailer'],
  ['STREAMING-UNSIGNED-PAYLOAD-TRAILER', 'chunked-unsigned-trailer'],
])

/**
 * Whether a request is signed by someone known, now, in this region and for this service. A presigned query wins over an
 * `Authorization` header, which a browser may add by itself. Every `x-amz-*` header must be signed in both forms.
 * Everything that can be told from the request alone is checked before `lookup` is asked.
 *
 * The body isn't looked at: see `Verified.payload`.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
 */
export function verifyRequest(request: WireRequest, options: VerifyOptions): Verdict {
  const path = request.rawPath.startsWith('/') ? decodePath(request.rawPath) : undefined
  const query = parseQuery(request.rawQuery)
  if (path === undefined || query === undefined) return refuse('uri-invalid')

  const claim = readClaim(request.headers, query, options.payloadHash)
  if (claim === undefined) return { outcome: 'anonymous', path, query }
  if ('outcome' in claim) return claim

  const flaw = checkScope(claim, options) ?? checkTime(claim, options) ?? checkSignedHeaders(claim, request.headers)
  if (flaw !== undefined) return flaw
  const payload = payloadKind(claim)
  if (payload === undefined) return refuse('payload-hash-invalid')

  const { credential, sessionToken } = claim
  const known = options.lookup(credential.accessKeyId, sessionToken)
  if (known === undefined) return refuse('access-key-unknown')
  if (!sameToken(known.sessionToken, sessionToken)) return refuse('token-invalid')

  const scope = credentialScope(credential.day, credential.region, credential.service)
  const signingKey = keyFor(known.secretAccessKey, claim, options)
  const canonical = canonicalRequest({
    method: request.method,
    path: encodeKey(path),
    query: canonicalQuery(claim.query),
    headers: claim.signedHeaders.map((name) => [name, wireValue(request.headers, name)] as const),
    payloadHash: claim.payloadHash,
  })
  // One char is one byte of the wire here: hashing the text as UTF-8 would sign other bytes than the client did.
  const expected = signText(signingKey, stringToSign(claim.amzDate, scope, Buffer.from(canonical, 'latin1')))
  if (!timingSafeEqual(Buffer.from(expected), Buffer.from(claim.signature))) return refuse('signature-mismatch')
  // Only after the signature, so that a guess doesn't learn that a key existed until lately.
  if (known.expiresAt !== undefined && options.now >= known.expiresAt) return refuse('token-expired')

  return {
    outcome: 'verified',
    accessKeyId: credential.accessKeyId,
    kind: claim.kind,
    payload,
    payloadHash: claim.payloadHash,
    seed: { signature: claim.signature, signingKey, scope, amzDate: claim.amzDate },
    signedHeaders: claim.signedHeaders,
    path,
    query,
    signedAt: claim.signedAt,
    ...(claim.expiresIn === undefined ? {} : { expiresAt: claim.signedAt + claim.expiresIn * 1000 }),
  }
}

function readClaim(
  headers: WireHeaders,
  query: readonly QueryParameter[],
  payloadHash: string | undefined,
): SignatureClaim | VerifyRefusal | undefined {
  if (isPresigned(query)) return readPresignedClaim(headers, query)
  if (headerValues(headers, 'authorization').length > 0) return readHeaderClaim(headers, query, payloadHash)
  // The older scheme's presigned URL: refused by name, or its holder would wonder why it counts as anonymous.
  if (query.some(([name]) => name === 'AWSAccessKeyId')) return refuse('signature-version-unsupported')
  return undefined
}

function checkScope(claim: SignatureClaim, options: VerifyOptions): VerifyRefusal | undefined {
  const { credential, kind } = claim
  const place = kind === 'header' ? 'authorization' : 'query'
  if (credential.service !== options.service) return refuse(`${place}-service-wrong`)
  if (credential.region !== options.region) return refuse(`${place}-region-wrong`, { Region: options.region })
  if (credential.day !== claim.amzDate.slice(0, 8)) return refuse(`${place}-date-wrong`)
  return undefined
}

function checkTime(claim: SignatureClaim, options: VerifyOptions): VerifyRefusal | undefined {
  const { now, maxSkewMs = FIFTEEN_MINUTES } = options
  const times = (): { ServerTime: string } => ({ ServerTime: new Date(now).toISOString() })
  if (claim.expiresIn === undefined) {
    if (Math.abs(now - claim.signedAt) <= maxSkewMs) return undefined
    return refuse('time-skewed', { RequestTime: claim.amzDate, ...times(), MaxAllowedSkewMilliseconds: `${maxSkewMs}` })
  }
  const expiresAt = claim.signedAt + claim.expiresIn * 1000
  if (claim.signedAt > now + maxSkewMs) return refuse('not-yet-valid', { 'X-Amz-Date': claim.amzDate, ...times() })
  if (now < expiresAt) return undefined
  const expires = new Date(expiresAt).toISOString()
  return refuse('expired', { 'X-Amz-Expires': `${claim.expiresIn}`, Expires: expires, ...times() })
}

function checkSignedHeaders(claim: SignatureClaim, headers: WireHeaders): VerifyRefusal | undefined {
  const signed = new Set(claim.signedHeaders)
  const unsigned = Object.keys(headers).filter(
    (name) => name.startsWith('x-amz-') && !signed.has(name) && headerValues(headers, name).length > 0,
  )
  if (unsigned.length > 0) return refuse('headers-not-signed', { HeadersNotSigned: unsigned.join(', ') })
  // Two hosts, or none: which one would the signature be for?
  if (headerValues(headers, 'host').length !== 1) return refuse('signature-mismatch')
  return undefined
}

function payloadKind({ payloadHash, kind }: SignatureClaim): PayloadKind | undefined {
  const payload = SHA256_HEX.test(payloadHash) ? 'signed' : PAYLOADS.get(payloadHash)
  // Chunk signatures build on a header's signature; a presigned one starts no chain.
  if (kind === 'presigned' && (payload === 'chunked-signed' || payload === 'chunked-signed-trailer')) return undefined
  return payload
}

function keyFor(secret: string, { credential }: SignatureClaim, options: VerifyOptions): KeyObject {
  const { day, region, service } = credential
  return options.keys?.get(secret, day, region, service) ?? deriveSigningKey(secret, day, region, service)
}

/** Several headers of one name are signed as one, in the order they came. */
function wireValue(headers: WireHeaders, name: string): string {
  return headerValues(headers, name).map(canonicalHeaderValue).join(',')
}
