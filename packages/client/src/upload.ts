import type { PresignedUrl } from '@skycrate/contract/objects/schemas'
import type { RouteBody } from './route-types.ts'
import { putBlob } from './transfers/put-blob.ts'

/** What has a size and can be read again: S3 is told the exact length beforehand. */
export type Source = Blob | Uint8Array<ArrayBuffer> | string

export interface UploadTarget {
  readonly bucket: string
  readonly key: string
  /** Defaults to a Blob's own type, else to `application/octet-stream`. */
  readonly contentType?: string | undefined
  /**
   * Bytes sent and bytes in all. In browsers told as they leave; elsewhere only at the beginning and the end, as `fetch`
   * tells nothing in between.
   */
  readonly onProgress?: ((sent: number, total: number) => void) | undefined
  /** `'*'`: fails with S3's status 412 where the key already exists, so that nothing is replaced. */
  readonly ifNoneMatch?: '*' | undefined
  readonly signal?: AbortSignal | undefined
}

export type Vend = (
  request: RouteBody<'presignedUrl'>,
  options: { signal?: AbortSignal | undefined },
) => Promise<PresignedUrl>

/**
 * One PUT, at most 5 GiB.
 * @returns the ETag; undefined where the store's CORS rules hide it
 * @throws SkyCrateError of the vending, or `transfer-failed` with S3's status
 */
export async function upload(
  vend: Vend,
  fetch: typeof globalThis.fetch,
  source: Source,
  target: UploadTarget,
): Promise<string | undefined> {
  const { bucket, key, onProgress, ifNoneMatch, signal } = target
  const body = blobOf(source)
  const contentType = contentTypeOf(body, target.contentType)
  const contentLength = body.size
  const vended = await vend(
    { bucket, key, operation: 'put', contentType, contentLength, ...(ifNoneMatch && { ifNoneMatch }) },
    { signal },
  )
  onProgress?.(0, contentLength)
  const onSent = onProgress && ((sent: number) => onProgress(sent, contentLength))
  return await putBlob(fetch, { ...vended, body, onSent, signal })
}

export const blobOf = (source: Source): Blob => (source instanceof Blob ? source : new Blob([source]))

export const contentTypeOf = (body: Blob, asked: string | undefined): string =>
  asked ?? (body.type || 'application/octet-stream')
