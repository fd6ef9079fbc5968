import { signedHeaders } from '@skycrate/client/signed-headers'
import { transferError } from '@skycrate/client/transfer-error'

/** Milliseconds without a byte after which a connection counts as lost. */
const STALLED_AFTER = 60_000

interface Signed {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Sends bytes to S3 by a vended URL. By XMLHttpRequest, since `fetch` tells nothing while it sends.
 * @returns the ETag; '' where the store does not let pages read it
 * @throws SkyCrateError `transfer-failed`, of status 0 where no answer came; the signal's reason
 */
export function putBytes(
  { url, headers }: Signed,
  body: Blob,
  signal: AbortSignal,
  onProgress: (sent: number) => void,
): Promise<string> {
  signal.throwIfAborted()
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
    // Without a type of its own, so that only what is signed is sent.
    xhr.send(body.type === '' ? body : body.slice())
  })
}
