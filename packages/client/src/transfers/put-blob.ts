import { signedHeaders } from '../signed-headers.ts'
import { transferError } from '../transfer-error.ts'

export interface PutRequest {
  readonly url: string
  readonly method: string
  /** As they were vended. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Blob
  /** Bytes that have left. In browsers told on the way; elsewhere at the end alone. */
  readonly onSent?: ((sent: number) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Sends bytes to a vended URL.
 * @returns the ETag; undefined where the store's CORS rules hide it
 * @throws SkyCrateError `transfer-failed`; the signal's reason where that is aborted
 */
export async function putBlob(fetch: typeof globalThis.fetch, request: PutRequest): Promise<string | undefined> {
  if (request.onSent && typeof XMLHttpRequest !== 'undefined') return await putByXhr(request)
  const { url, method, headers, body, onSent, signal } = request
  const response = await fetch(url, {
    method,
    headers: signedHeaders(headers),
    // A Blob without a type, so that only the signed content type is sent.
    body: body.slice(),
    credentials: 'omit',
    ...(signal === undefined ? {} : { signal }),
  }).catch((error: unknown) => {
    throw signal?.aborted ? error : transferError(0, '', error)
  })
  const text = await response.text().catch(() => '')
  if (!response.ok) throw transferError(response.status, text)
  onSent?.(body.size)
  return response.headers.get('etag') ?? undefined
}

function putByXhr({ url, method, headers, body, onSent, signal }: PutRequest): Promise<string | undefined> {
  signal?.throwIfAborted()
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest()
    const onAbort = (): void => {
      xhr.abort()
      reject(signal?.reason as Error)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    xhr.upload.onprogress = (event) => onSent?.(event.loaded)
    xhr.onloadend = () => {
      signal?.removeEventListener('abort', onAbort)
      if (xhr.status >= 200 && xhr.status < 300) resolve(etagOf(xhr))
      else reject(transferError(xhr.status, xhr.responseText))
    }
    xhr.open(method, url)
    for (const [name, value] of Object.entries(signedHeaders(headers))) xhr.setRequestHeader(name, value)
    xhr.send(body)
  })
}

/** A header that is not exposed is asked for in vain, and the browser warns of it. */
function etagOf(xhr: XMLHttpRequest): string | undefined {
  return /^etag:/im.test(xhr.getAllResponseHeaders()) ? (xhr.getResponseHeader('etag') ?? undefined) : undefined
}
