import { encodeKey, encodeSegment } from './encode.ts'

/** `path`: `endpoint/bucket/key`. `virtual`: `bucket.endpoint/key`. */
export type Addressing = 'path' | 'virtual'

export interface ObjectAddress {
  /** `scheme://host[:port]` */
  readonly origin: string
  /** As the `Host` header has it. */
  readonly host: string
  /** Encoded, with its leading `/`. */
  readonly path: string
}

const IP_LITERAL = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[.*\])(?::\d+)?$/

/**
 * Where a bucket, or an object when the key isn't empty, is found. A bucket with a dot is addressed by path even under
 * virtual addressing, since no wildcard certificate covers it; so is any bucket of an endpoint that is an IP address.
 *
 * @param endpoint `http(s)://host[:port]`, with no query; a path is kept as a prefix
 * @throws RangeError for an endpoint of another form
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
 */
export function createAddresser(
  endpoint: string,
  addressing: Addressing,
): (bucket: string, key: string) => ObjectAddress {
  const { protocol, host, pathname, search, hash, username, password } = new URL(endpoint)
  if ((protocol !== 'https:' && protocol !== 'http:') || search + hash + username + password !== '') {
    throw new RangeError('an endpoint is http(s)://host[:port][/prefix]')
  }
  const prefix = pathname.replace(/\/+$/, '')
  const virtual = addressing === 'virtual' && !IP_LITERAL.test(host)
  const origin = `${protocol}//${host}`
  return (bucket, key) => {
    if (virtual && !bucket.includes('.')) {
      return {
        origin: `${protocol}//${bucket}.${host}`,
        host: `${bucket}.${host}`,
        path: `${prefix}/${encodeKey(key)}`,
      }
    }
    const ofBucket = `${prefix}/${encodeSegment(bucket)}`
    return { origin, host, path: key === '' ? ofBucket : `${ofBucket}/${encodeKey(key)}` }
  }
}
