import { formatAmzDate } from './amz-date.ts'
import { ALGORITHM, canonicalHeaders, canonicalRequest, credentialScope, signText, stringToSign } from './canonical.ts'
import type { ChunkSeed } from './chunk-seed.ts'
import type { Credentials } from './credentials.ts'
import { canonicalQuery, type QueryParameter } from './query.ts'
import { deriveSigningKey, type SigningKeyCache } from './signing-key.ts'

export interface SignInput {
  /** In upper case, as it is sent. */
  readonly method: string
  /** The `Host` header as it is sent: with the port unless it is the scheme's own. */
  readonly host: string
  /** As it is sent: see `encodeKey`. S3's rule applies to it, so it is neither encoded again nor normalised. */
  readonly path: string
  /** Decoded; send it as `canonicalQuery` writes it. */
  readonly query?: readonly QueryParameter[]
  /** Every one is signed. `host` and the headers that signing adds don't belong here. */
  readonly headers?: Readonly<Record<string, string>>
  /** The body's SHA-256 in hex, `UNSIGNED-PAYLOAD`, or one of the `STREAMING-…` values. */
  readonly payloadHash: string
  readonly credentials: Credentials
  readonly region: string
  readonly service: string
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly keys?: SigningKeyCache
}

export interface SignedRequest {
  /** The given headers and `authorization`, `x-amz-date`, `x-amz-content-sha256`, and `x-amz-security-token` if any. */
  readonly headers: Record<string, string>
  /** For a chunked body: see `ChunkedEncoder`. */
  readonly seed: ChunkSeed
}

/**
 * Signs a request with an `Authorization` header.
 *
 * @throws URIError for a lone surrogate in the query
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function signRequest(input: SignInput): SignedRequest {
  const { credentials, region, service } = input
  const amzDate = formatAmzDate(input.now)
  const day = amzDate.slice(0, 8)
  const scope = credentialScope(day, region, service)
  const signingKey =
    input.keys?.get(credentials.secretAccessKey, day, region, service) ??
    deriveSigningKey(credentials.secretAccessKey, day, region, service)
  const headers: Record<string, string> = {
    ...input.headers,
    'x-amz-content-sha256': input.payloadHash,
    'x-amz-date': amzDate,
  }
  if (credentials.sessionToken !== undefined) headers['x-amz-security-token'] = credentials.sessionToken
  const signed = canonicalHeaders({ ...headers, host: input.host })
  const request = canonicalRequest({
    method: input.method,
    path: input.path,
    query: canonicalQuery(input.query ?? []),
    headers: signed,
    payloadHash: input.payloadHash,
  })
  const signature = signText(signingKey, stringToSign(amzDate, scope, request))
  const names = signed.map(([name]) => name).join(';')
  headers['authorization'] =
    `${ALGORITHM} Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`
  return { headers, seed: { signature, signingKey, scope, amzDate } }
}
