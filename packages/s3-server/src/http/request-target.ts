import { S3Error } from '../s3-error.ts'
import { decodeComponent } from './query.ts'

/** Where a request points. The raw parts are as they came over the wire: signatures are computed over those. */
export interface RequestTarget {
  readonly rawPath: string
  readonly rawQuery: string
  readonly bucket: string | undefined
  /** Decoded exactly once, never normalised; undefined when the path names no key. */
  readonly key: string | undefined
}

export const MAX_KEY_BYTES = 1024

const splitTarget = (url: string): { rawPath: string; rawQuery: string } => {
  // The absolute form that proxies send: the authority is already in the Host header.
  const origin = /^https?:\/\/[^/?#]*/i.exec(url)?.[0] ?? ''
  const rest = url.slice(origin.length)
  const mark = rest.indexOf('?')
  const rawPath = mark === -1 ? rest : rest.slice(0, mark)
  return { rawPath: rawPath === '' ? '/' : rawPath, rawQuery: mark === -1 ? '' : rest.slice(mark + 1) }
}

/**
 * The bucket of a virtual-host style Host header, when the host is a name below one of `domains` (such as
 * `photos.localhost:9000`). Longer domains win, so that `s3.localhost` can be an endpoint beside `localhost`.
 */
const bucketOfHost = (host: string, domains: readonly string[]): string | undefined => {
  const name = host.replace(/:[0-9]*$/, '').toLowerCase()
  const domain = domains
    .filter((candidate) => name === candidate || name.endsWith(`.${candidate}`))
    .toSorted((a, b) => b.length - a.length)[0]
  return domain === undefined || name === domain ? undefined : name.slice(0, -domain.length - 1)
}

const checkKey = (key: string): string => {
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw new S3Error('KeyTooLongError', { fields: { MaxSizeAllowed: String(MAX_KEY_BYTES) } })
  }
  return key
}

/**
 * Reads bucket and key off a request line. No URL parser is used, since those rewrite `..`, `\` and `%2e`.
 *
 * @throws S3Error InvalidURI or KeyTooLongError
 */
export const parseRequestTarget = (url: string, host: string, domains: readonly string[]): RequestTarget => {
  const { rawPath, rawQuery } = splitTarget(url)
  if (!rawPath.startsWith('/')) throw new S3Error('InvalidURI')
  const hosted = bucketOfHost(host, domains)
  if (hosted !== undefined) {
    const key = decodeComponent(rawPath.slice(1))
    return { rawPath, rawQuery, bucket: hosted, key: key === '' ? undefined : checkKey(key) }
  }
  const slash = rawPath.indexOf('/', 1)
  const bucket = decodeComponent(slash === -1 ? rawPath.slice(1) : rawPath.slice(1, slash))
  const key = slash === -1 ? '' : decodeComponent(rawPath.slice(slash + 1))
  return {
    rawPath,
    rawQuery,
    bucket: bucket === '' ? undefined : bucket,
    key: key === '' ? undefined : checkKey(key),
  }
}
