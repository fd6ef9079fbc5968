import { decodePath } from '@skycrate/core/sigv4/decode'
import { S3Error } from '../s3-error.ts'

/** The two parts of a request line's target, as they came over the wire: signatures are computed over those. */
export interface RawTarget {
  readonly rawPath: string
  readonly rawQuery: string
}

/** What a request points at. */
export interface RequestTarget {
  readonly bucket: string | undefined
  /** Decoded exactly once, never normalised; undefined when the path names no key. */
  readonly key: string | undefined
}

/** Bytes of UTF-8. */
export const MAX_KEY_BYTES = 1024

/** Splits `req.url`, in the origin form or in the absolute form that proxies send. */
export const splitTarget = (url: string): RawTarget => {
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

/** @throws S3Error KeyTooLongError */
export const checkKeyLength = (key: string): string => {
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
export const parseRequestTarget = ({ rawPath }: RawTarget, host: string, domains: readonly string[]): RequestTarget => {
  const path = decodePath(rawPath)
  if (path === undefined || !path.startsWith('/')) throw new S3Error('InvalidURI')
  const hosted = bucketOfHost(host, domains)
  const slash = hosted === undefined ? path.indexOf('/', 1) : 0
  const bucket = hosted ?? (slash === -1 ? path.slice(1) : path.slice(1, slash))
  const key = slash === -1 ? '' : path.slice(slash + 1)
  return { bucket: bucket === '' ? undefined : bucket, key: key === '' ? undefined : checkKeyLength(key) }
}
