import { signedHeaders } from '@skycrate/client/signed-headers'
import { SkyCrateError } from '@skycrate/client/skycrate-error'
import { transferError } from '@skycrate/client/transfer-error'

/** Milliseconds without a byte after which a connection counts as lost. */
const STALLED_AFTER = 60_000
/** Bytes up to which nobody sees how much of a file has left. */
const SMALL = 128 * 1024

export const isSmall = ({ size }: Blob): boolean => size <= SMALL

interface Signed {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Sends bytes to S3 by a vended URL.
 * @returns the ETag; '' where the store does not let pages read it
 * @throws SkyCrateError `transfer-failed`, of status 0 where no answer came; the signal's reason
 */
export async function putBytes(
  signed: Signed,
  body: Blob,
  signal: AbortSignal,
  onProgress: (sent: number) => void,
): Promise<string> {
  signal.throwIfAborted()
  return isSmall(body) ? putAtOnce(signed, body, signal) : putAndTell(signed, body, signal, onProgress)
}

/** Costs a page a tenth of what XMLHttpRequest does. */
async function putAtOnce({ url, headers }: Signed, body: Blob, signal: AbortSignal): Promise<string> {
  try {
    const response = await fetch(url, {
      method: 'PUT',
      headers: signedHeaders(headers),
      body: untyped(body, headers),
      credentials: 'omit',
      signal: AbortSignal.any([signal, AbortSignal.timeout(STALLED_AFTER)]),
    })
    if (!response.ok) throw transferError(response.status, await response.text())
    return response.headers.get('etag') ?? ''
  } catch (error) {
    signal.throwIfAborted()
    throw error instanceof SkyCrateError ? error : transferError(0, '', error)
  }
}

/** By XMLHttpRequest, since `fetch` tells nothing while it sends. */
function putAndTell(
  { url, headers }: Signed,
  body: Blob,
  signal: AbortSignal,
  onProgress: (sent: number) => void,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest()
    let stalled: ReturnType<typeof setTimeout> | undefined
    const watch = (): void => {
      clearTimeout(stalled)
      stalled = setTimeout(() => xhr.abort(), STALLED_AFTER)
    }
    const onAbort = (): void => xhr.abort()
    signal.addEventListener('abort', onAbort, { once: true })
    xhr.upload.onprogress = ({ loaded }) => {
      watch()
      onProgress(loaded)
    }
    xhr.onloadend = () => {
      clearTimeout(stalled)
      signal.removeEventListener('abort', onAbort)
      if (signal.aborted) reject(signal.reason as Error)
      else if (xhr.status >= 200 && xhr.status < 300) resolve(xhr.getResponseHeader('etag') ?? '')
      else reject(transferError(xhr.status, xhr.responseText))
    }
    xhr.open('PUT', url)
    for (const [name, value] of Object.entries(signedHeaders(headers))) xhr.setRequestHeader(name, value)
    watch()
    xhr.send(untyped(body, headers))
  })
}

/** Where no type was signed, none of the body's own may be sent. */
function untyped(body: Blob, headers: Signed['headers']): Blob {
  const isSigned = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type')
  return isSigned || body.type === '' ? body : body.slice()
}
