import type { PresignedUrl } from '@skycrate/contract/objects/schemas'
import type { RouteBody } from './route-types.ts'
import { signedHeaders } from './signed-headers.ts'
import { transferError } from './transfer-error.ts'

export interface DownloadRequest {
  readonly bucket: string
  readonly key: string
  readonly signal?: AbortSignal | undefined
}

type Vend = (request: RouteBody<'presignedUrl'>, options: { signal?: AbortSignal | undefined }) => Promise<PresignedUrl>

/** @throws SkyCrateError `transfer-failed` with S3's status, such as 404 where there is no such object */
export async function download(
  vend: Vend,
  fetch: typeof globalThis.fetch,
  request: DownloadRequest,
): Promise<Response> {
  const { bucket, key, signal } = request
  const { url, method, headers } = await vend({ bucket, key, operation: 'get' }, { signal })
  const response = await fetch(url, {
    method,
    headers: signedHeaders(headers),
    credentials: 'omit',
    ...(signal === undefined ? {} : { signal }),
  }).catch((error: unknown) => {
    throw signal?.aborted ? error : transferError(0, '', error)
  })
  if (!response.ok) throw transferError(response.status, await response.text().catch(() => ''))
  return response
}
