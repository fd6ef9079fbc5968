import type { SkyCrateClient } from '@skycrate/client/client'
import { SkyCrateError } from '@skycrate/client/skycrate-error'

/** Seconds: whoever looks at a film jumps about in it for as long as it takes. */
const URL_LIVES = 3600

export interface Previewed {
  readonly bucket: string
  readonly key: string
}

/** Where the bytes of an object are, at the store itself. */
export async function objectUrl(
  api: SkyCrateClient,
  { bucket, key }: Previewed,
  signal?: AbortSignal,
): Promise<string> {
  const { url } = await api.presignedUrl({ bucket, key, operation: 'get', expiresIn: URL_LIVES }, { signal })
  return url
}

export interface FetchedStart {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Whether the object has more. */
  readonly cut: boolean
}

/** The first bytes of an object, straight from the store. @param size of the object, as it was listed */
export async function fetchStart(
  api: SkyCrateClient,
  object: Previewed & { readonly size: number },
  limit: number,
  signal: AbortSignal,
): Promise<FetchedStart> {
  const url = await objectUrl(api, object, signal)
  const cut = object.size > limit
  const answer = await fetch(url, {
    signal,
    credentials: 'omit',
    ...(cut && { headers: { range: `bytes=0-${limit - 1}` } }),
  }).catch((cause: unknown) => {
    if (signal.aborted) throw cause
    throw broken('The connection to the store broke.', cause)
  })
  if (!answer.ok) throw broken(`The store answered ${answer.status}.`)
  const bytes = new Uint8Array(await answer.arrayBuffer())
  return { bytes: bytes.subarray(0, limit), cut: cut || bytes.length > limit }
}

const broken = (detail: string, cause?: unknown): SkyCrateError =>
  new SkyCrateError({ code: 'transfer-failed', title: 'This file could not be fetched', detail, status: 0, cause })
