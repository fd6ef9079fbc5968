import { CHECKSUM_ALGORITHMS, CHECKSUM_BYTES, checksumHeader, decodeDigest } from '../checksum/checksum-algorithm.ts'
import type { ChecksumAlgorithm, Checksums } from '../checksum/checksum-algorithm.ts'
import type { DigestName, DigestSet } from '../checksum/digest-set.ts'
import type { BodyClaim } from '../request-context.ts'
import { S3Error } from '../s3-error.ts'
import type { HeaderReader } from './header-reader.ts'

/** What a client says of its bytes beforehand, each value decoded and of the right length. */
export interface PayloadClaims {
  readonly md5: Buffer | undefined
  readonly sha256: Buffer | undefined
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly value: Buffer } | undefined
  /** The checksum that is to come after the bytes. */
  readonly trailer: ChecksumAlgorithm | undefined
}

const readChecksum = (algorithm: ChecksumAlgorithm, text: string): Buffer => {
  const value = decodeDigest(text, CHECKSUM_BYTES[algorithm])
  if (value !== undefined) return value
  throw new S3Error('InvalidRequest', { message: `Value for ${checksumHeader(algorithm)} header is invalid.` })
}

/** The names in `x-amz-trailer`, in lower case. */
export const trailerNames = (headers: HeaderReader): string[] =>
  (headers.get('x-amz-trailer') ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '')

/** @throws S3Error InvalidDigest or InvalidRequest for values that can't be right */
export const readPayloadClaims = (headers: HeaderReader, bodyClaim: BodyClaim): PayloadClaims => {
  const md5Text = headers.get('content-md5')
  const md5 = md5Text === undefined ? undefined : decodeDigest(md5Text, 16)
  if (md5Text !== undefined && md5 === undefined) {
    throw new S3Error('InvalidDigest', { message: 'The Content-MD5 you specified was invalid.' })
  }
  const given = CHECKSUM_ALGORITHMS.filter((algorithm) => headers.has(checksumHeader(algorithm)))
  const inTrailer = new Set(trailerNames(headers))
  const unknown = [...inTrailer].find((name) => !CHECKSUM_ALGORITHMS.some((each) => checksumHeader(each) === name))
  if (unknown !== undefined) {
    throw new S3Error('InvalidRequest', {
      message: 'The value specified in the x-amz-trailer header is not supported',
      fields: { Header: 'x-amz-trailer', Value: unknown },
    })
  }
  const trailers = CHECKSUM_ALGORITHMS.filter((algorithm) => inTrailer.has(checksumHeader(algorithm)))
  if (given.length + trailers.length > 1) {
    throw new S3Error('InvalidRequest', {
      message: 'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    })
  }
  const [algorithm] = given
  const text = algorithm === undefined ? undefined : headers.get(checksumHeader(algorithm))
  return {
    md5,
    sha256: bodyClaim.payload === 'signed' ? Buffer.from(bodyClaim.payloadHash, 'hex') : undefined,
    checksum:
      algorithm === undefined || text === undefined ? undefined : { algorithm, value: readChecksum(algorithm, text) },
    trailer: trailers[0],
  }
}

/** The digests that the claims are checked by. */
export const claimedDigests = (claims: PayloadClaims): DigestName[] => {
  const names: DigestName[] = []
  if (claims.md5 !== undefined) names.push('MD5')
  if (claims.sha256 !== undefined) names.push('SHA256')
  if (claims.checksum !== undefined) names.push(claims.checksum.algorithm)
  if (claims.trailer !== undefined) names.push(claims.trailer)
  return names
}

const wrong = (what: string): S3Error =>
  new S3Error('BadDigest', { message: `The ${what} you specified did not match the calculated checksum.` })

/**
 * Compares the claims with the bytes that came, and gives the checksums among them, now known to be true.
 *
 * @throws S3Error BadDigest, XAmzContentSHA256Mismatch, or InvalidRequest for a trailer that is no checksum
 */
export const checkPayloadClaims = (
  claims: PayloadClaims,
  digests: DigestSet,
  trailers: ReadonlyMap<string, string>,
): Checksums => {
  const { md5, sha256, trailer } = claims
  if (md5 !== undefined && !md5.equals(digests.result('MD5'))) throw wrong('Content-MD5')
  if (sha256 !== undefined && !sha256.equals(digests.result('SHA256'))) {
    throw new S3Error('XAmzContentSHA256Mismatch', {
      fields: {
        ClientComputedContentSHA256: sha256.toString('hex'),
        S3ComputedContentSHA256: digests.result('SHA256').toString('hex'),
      },
    })
  }
  const checksum =
    trailer === undefined
      ? claims.checksum
      : { algorithm: trailer, value: readChecksum(trailer, trailers.get(checksumHeader(trailer)) ?? '') }
  if (checksum === undefined) return {}
  if (!checksum.value.equals(digests.result(checksum.algorithm))) throw wrong(checksum.algorithm)
  return { [checksum.algorithm]: checksum.value.toString('base64') }
}
