import { ChunkedDecoder, ChunkedError } from '@skycrate/core/sigv4/chunked'
import type { ChunkedMode } from '@skycrate/core/sigv4/chunked'
import type { Checksums } from '../checksum/checksum-algorithm.ts'
import { DigestSet } from '../checksum/digest-set.ts'
import type { DigestName } from '../checksum/digest-set.ts'
import type { RequestContext } from '../request-context.ts'
import { S3Error } from '../s3-error.ts'
import { checkPayloadClaims, claimedDigests, readPayloadClaims, trailerNames } from './payload-claims.ts'

/** Bytes from a client; they are digested by whoever reads them, then checked. */
export interface Payload {
  /** Undefined when it shows only at the end. */
  readonly length: number | undefined
  /** A piece is good only until the next one is asked for. */
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

const decodedLength = ({ request: { headers, body }, bodyClaim }: RequestContext): number => {
  if (bodyClaim.payload.startsWith('chunked')) {
    const text = headers.get('x-amz-decoded-content-length')
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
export const openPayload = (
  context: RequestContext,
  also: readonly DigestName[] = [],
): Payload & { readonly length: number } => {
  const { payload, seed } = context.bodyClaim
  const { headers, body } = context.request
  const length = decodedLength(context)
  const claims = readPayloadClaims(headers, context.bodyClaim)
  const digests = new DigestSet([...also, ...claimedDigests(claims)])
  let trailers: ReadonlyMap<string, string> = new Map()

  const decode = async function* (mode: ChunkedMode): AsyncGenerator<Buffer, void, undefined> {
    const decoder = new ChunkedDecoder({
      mode,
      decodedLength: length,
      trailers: trailerNames(headers),
      ...(seed === undefined ? {} : { seed }),
    })
    try {
      for await (const chunk of body.read('lent')) yield* decoder.push(chunk)
      trailers = decoder.end().trailers
    } catch (error) {
      throw error instanceof ChunkedError ? new S3Error(error.code, { message: error.message }) : error
    }
  }

  const isPlain = payload === 'signed' || payload === 'unsigned'
  return {
    length,
    stream: isPlain ? body.read('lent') : decode(payload),
    digests,
    check: () => checkPayloadClaims(claims, digests, trailers),
  }
}
