import { entityTag } from '../encryption/sealing.ts'
import type { Sealing } from '../encryption/sealing.ts'
import type { Checksums } from '../checksum/checksum-algorithm.ts'
import type { DigestName } from '../checksum/digest-set.ts'
import { openPayload } from '../http/payload.ts'
import type { Payload } from '../http/payload.ts'
import type { RequestContext } from '../request-context.ts'
import { S3Error } from '../s3-error.ts'
import type { BlobId } from '../store/blobs/blob-id.ts'
import type { Blob } from '../store/blobs/blob-store.ts'
import { isFullDisk } from '../store/is-full-disk.ts'
import type { Store } from '../store/store.ts'

/** Bytes that one request may bring, as on S3. */
export const MAX_PUT_BYTES = 5 * 1024 ** 3

export interface ReceivedBlob {
  readonly blob: Blob
  /** Without quotes. */
  readonly etag: string
  /** What the client announced, verified, and what `also` asked for. */
  readonly checksums: Checksums
}

/**
 * Streams a payload into a durable blob that nothing refers to yet. Its digests must include MD5 and `also`.
 *
 * @throws S3Error BadDigest and its kin, and what the stream throws; then nothing is left on the disk
 */
export const receivePayload = async (
  { site, now }: RequestContext,
  payload: Payload,
  sealing: Sealing,
  also?: Exclude<DigestName, 'MD5'>,
): Promise<ReceivedBlob> => {
  const { stream, digests } = payload
  let announced: Checksums = {}
  const blob = await site.store.blobs.write(stream, {
    makeKey: sealing.makeKey,
    digests,
    now,
    length: payload.length,
    check: () => {
      announced = payload.check()
    },
  })
  const asked: Checksums = also === undefined ? {} : { [also]: digests.result(also).toString('base64') }
  return {
    blob,
    etag: entityTag(digests.result('MD5').toString('hex'), sealing),
    checksums: { ...announced, ...asked },
  }
}

/**
 * As `receivePayload`, for the body of the request.
 *
 * @throws S3Error EntityTooLarge too
 */
export const receiveBlob = async (
  context: RequestContext,
  sealing: Sealing,
  also?: Exclude<DigestName, 'MD5'>,
): Promise<ReceivedBlob> => {
  const payload = openPayload(context, also === undefined ? ['MD5'] : ['MD5', also])
  if (payload.length > MAX_PUT_BYTES) {
    throw new S3Error('EntityTooLarge', {
      fields: { ProposedSize: String(payload.length), MaxSizeAllowed: String(MAX_PUT_BYTES) },
    })
  }
  return receivePayload(context, payload, sealing, also)
}

/**
 * Enters a received blob into the index. When the change is refused the blob's file goes; when the index itself failed
 * it stays for the sweep of the next start, since the change may yet turn out to be on the disk.
 */
export const commitBlob = async <T extends { readonly freed: readonly BlobId[] }>(
  store: Store,
  blob: Blob,
  change: () => T,
): Promise<T> => {
  try {
    return await store.change(change)
  } catch (error) {
    if (blob.content === undefined && (error instanceof S3Error || isFullDisk(error))) store.blobs.remove([blob.id])
    throw error
  }
}
