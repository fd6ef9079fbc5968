import type { CopyRequest } from '../copy-store.ts'

/** Milliseconds: a store answers when all bytes are copied. */
const COPY_MS = 10 * 60_000

/** Options of a request that may take as long as bytes take. */
export const longCall = (): { readonly abortSignal: AbortSignal; readonly requestTimeout: number } => ({
  abortSignal: AbortSignal.timeout(COPY_MS),
  requestTimeout: COPY_MS,
})

/** `x-amz-copy-source`, percent-encoded as S3 decodes it. */
export function copySource({ bucket, key, versionId }: CopyRequest['from']): string {
  const encoded = key
    .split('/')
    .map((segment) => encodeURIComponent(segment).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`))
    .join('/')
  return `${bucket}/${encoded}${versionId === undefined ? '' : `?versionId=${encodeURIComponent(versionId)}`}`
}

export const unquoted = (etag: string | undefined): string => (etag ?? '').replace(/^"(.*)"$/, '$1')
