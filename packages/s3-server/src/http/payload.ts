import { ChunkedDecoder, ChunkedError } from '@skycrate/core/sigv4/chunked'
import { CHECKSUM_ALGORITHMS, CHECKSUM_BYTES, checksumHeader } from '../checksum/checksum-algorithm.ts'
import type { ChecksumAlgorithm, Checksums } from '../checksum/checksum-algorithm.ts'
import { DigestSet } from '../checksum/digest-set.ts'
import type { DigestName } from '../checksum/digest-set.ts'
import type { RequestContext } from '../request-context.ts'
import { S3Error } from '../s3-error.ts'

/** What a client said of a body beforehand, each value decoded and of the right length. */
interface Claims {
  readonly md5: Buffer | undefined
  readonly sha256: Buffer | undefined
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly value: Buffer } | undefined
  readonly trailer: ChecksumAlgorithm | undefined
}

/** A request body with its framing removed; its bytes are digested by whoever reads it, then checked. */
export interface Payload {
  readonly length: number
  readonly stream: AsyncIterable<Buffer>
  readonly digests: DigestSet
  /**
   * Compares what came with what was announced; only after the whole stream was read and digested. Gives the checksums
   * that the client sent, now known to be true.
   *
   * @throws S3Error BadDigest, XAmzContentSHA256Mismatch or InvalidRequest
   */
  readonly check: () => Checksums
}

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

const decodeBase64 = (text: string, bytes: number): Buffer | undefined => {
  const value = BASE64.test(text) ? Buffer.from(text, 'base64') : undefined
  return value?.length === bytes ? value : undefined
}

const readChecksum = (algorithm: ChecksumAlgorithm, text: string): Buffer => {
  const value = decodeBase64(text, CHECKSUM_BYTES[algorithm])
  if (value !== undefined) return value
  throw new S3Error('InvalidRequest', { message: `Value for ${checksumHeader(algorithm)} header is invalid.` })
}

const trailerNames = ({ request }: RequestContext): string[] =>
  (request.headers.get('x-amz-trailer') ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '')

const readClaims = (context: RequestContext): Claims => {
  const { headers } = context.request
  const md5Text = headers.get('content-md5')
  const md5 = md5Text === undefined ? undefined : decodeBase64(md5Text, 16)
  if (md5Text !== undefined && md5 === undefined) {
    throw new S3Error('InvalidDigest', { message: 'The Content-MD5 you specified was invalid.' })
  }
  const given = CHECKSUM_ALGORITHMS.filter((algorithm) => headers.has(checksumHeader(algorithm)))
  const trailers = CHECKSUM_ALGORITHMS.filter((algorithm) => trailerNames(context).includes(checksumHeader(algorithm)))
  if (given.length + trailers.length > 1) {
    throw new S3Error('InvalidRequest', {
      message: 'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    })
  }
  const [algorithm] = given
  const { payload, payloadHash } = context.bodyClaim
  return {
    md5,
    sha256: payload === 'signed' ? Buffer.from(payloadHash, 'hex') : undefined,
    checksum:
      algorithm === undefined
        ? undefined
        : { algorithm, value: readChecksum(algorithm, headers.get(checksumHeader(algorithm)) ?? '') },
    trailer: trailers[0],
  }
}

const decodedLength = (context: RequestContext): number => {
  const { headers, body } = context.request
  const text = headers.get('x-amz-decoded-content-length')
  if (context.bodyClaim.payload.startsWith('chunked')) {
    if (text === undefined || !/^[0-9]{1,15}$/.test(text)) throw new S3Error('MissingContentLength')
    return Number(text)
  }
  if (body.length === undefined) throw new S3Error('MissingContentLength')
  return body.length
}

/**
 * Opens the body of a request: undoes aws-chunked framing, verifying its signatures, and prepares every check the client
 * asked for. Nothing may be kept of the stream before `check` has returned.
 *
 * @param also digests the operation needs for itself
 * @throws S3Error for a missing length or an invalid announcement
 */
export const openPayload = (context: RequestContext, also: readonly DigestName[] = []): Payload => {
  const { payload, seed } = context.bodyClaim
  const { body } = context.request
  const length = decodedLength(context)
  const claims = readClaims(context)
  const names: DigestName[] = [...also]
  if (claims.md5 !== undefined) names.push('MD5')
  if (claims.sha256 !== undefined) names.push('SHA256')
  if (claims.checksum !== undefined) names.push(claims.checksum.algorithm)
  if (claims.trailer !== undefined) names.push(claims.trailer)
  const digests = new DigestSet(names)
  let trailers: ReadonlyMap<string, string> = new Map()

  const decode = async function* (
    mode: 'chunked-signed' | 'chunked-signed-trailer' | 'chunked-unsigned-trailer',
  ): AsyncGenerator<Buffer, void, undefined> {
    const decoder = new ChunkedDecoder({
      mode,
      decodedLength: length,
      trailers: trailerNames(context),
      ...(seed === undefined ? {} : { seed }),
    })
    try {
      for await (const chunk of body.read()) yield* decoder.push(chunk)
      trailers = decoder.end().trailers
    } catch (error) {
      throw error instanceof ChunkedError ? new S3Error(error.code, { message: error.message }) : error
    }
  }

  const check = (): Checksums => {
    const wrong = (what: string): S3Error =>
      new S3Error('BadDigest', { message: `The ${what} you specified did not match the calculated checksum.` })
    if (claims.md5 !== undefined && !claims.md5.equals(digests.result('MD5'))) throw wrong('Content-MD5')
    if (claims.sha256 !== undefined && !claims.sha256.equals(digests.result('SHA256'))) {
      throw new S3Error('XAmzContentSHA256Mismatch', {
        fields: {
          ClientComputedContentSHA256: claims.sha256.toString('hex'),
          S3ComputedContentSHA256: digests.result('SHA256').toString('hex'),
        },
      })
    }
    const { trailer } = claims
    const checksum =
      trailer === undefined
        ? claims.checksum
        : { algorithm: trailer, value: readChecksum(trailer, trailers.get(checksumHeader(trailer)) ?? '') }
    if (checksum === undefined) return {}
    if (!checksum.value.equals(digests.result(checksum.algorithm))) throw wrong(checksum.algorithm)
    return { [checksum.algorithm]: checksum.value.toString('base64') }
  }

  switch (payload) {
    case 'signed':
    case 'unsigned':
      return { length, stream: body.read(), digests, check }
    case 'chunked-signed':
    case 'chunked-signed-trailer':
    case 'chunked-unsigned-trailer':
      return { length, stream: decode(payload), digests, check }
  }
}
