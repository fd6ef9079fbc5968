import type { PresignedUrl } from '@skycrate/contract/objects/schemas'
import type { RouteBody } from './route-types.ts'
import { signedHeaders } from './signed-headers.ts'
import { transferError } from './transfer-error.ts'

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

type Vend = (request: RouteBody<'presignedUrl'>, options: { signal?: AbortSignal | undefined }) => Promise<PresignedUrl>

/**
 * One PUT, at most 5 GiB.
 * @throws SkyCrateError of the vending, or `transfer-failed` with S3's status
 */
export async function upload(
  vend: Vend,
  fetch: typeof globalThis.fetch,
  source: Source,
  target: UploadTarget,
): Promise<void> {
  const { bucket, key, onProgress, ifNoneMatch, signal } = target
  const blob = source instanceof Blob ? source : new Blob([source])
  const contentType = target.contentType ?? (blob.type || 'application/octet-stream')
  const contentLength = blob.size
  const vended = await vend(
    { bucket, key, operation: 'put', contentType, contentLength, ...(ifNoneMatch && { ifNoneMatch }) },
    { signal },
  )
  const headers = signedHeaders(vended.headers)
  onProgress?.(0, contentLength)
  if (onProgress && typeof XMLHttpRequest !== 'undefined') {
    await putWithProgress(vended, headers, blob, onProgress, signal)
  } else {
    await put(fetch, vended, headers, blob, signal)
  }
  onProgress?.(contentLength, contentLength)
}

async function put(
  fetch: typeof globalThis.fetch,
  { url, method }: PresignedUrl,
  headers: Record<string, string>,
  body: Blob,
  signal: AbortSignal | undefined,
): Promise<void> {
  const response = await fetch(url, {
    method,
    headers,
    // A Blob without a type, so that only the signed content type is sent.
    body: body.slice(),
    credentials: 'omit',
    ...(signal === undefined ? {} : { signal }),
  }).catch((error: unknown) => {
    throw signal?.aborted ? error : transferError(0, '', error)
  })
  const text = await response.text().catch(() => '')
  if (!response.ok) throw transferError(response.status, text)
}

function putWithProgress(
  { url, method }: PresignedUrl,
  headers: Record<string, string>,
  body: Blob,
  onProgress: (sent: number, total: number) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted()
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest()
    const onAbort = (): void => {
      xhr.abort()
      reject(signal?.reason as Error)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    xhr.upload.onprogress = (event) => onProgress(event.loaded, body.size)
    xhr.onloadend = () => {
      signal?.removeEventListener('abort', onAbort)
      if (xhr.status >= 200 && xhr.status < 300) resolve()
      else reject(transferError(xhr.status, xhr.responseText))
    }
    xhr.open(method, url)
    for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value)
    xhr.send(body)
  })
}
