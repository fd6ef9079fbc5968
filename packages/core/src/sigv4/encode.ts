const PLAIN_SEGMENT = /^[A-Za-z0-9\-._~]*$/
const PLAIN_KEY = /^[A-Za-z0-9\-._~/]*$/
const LEFT_BY_BUILTIN = /[!'()*]/g
const LEFT_BY_BUILTIN_OR_SLASH = /[!'()*]|%2F/g

/**
 * RFC 3986 percent-encoding of one path segment: unreserved characters are kept, every other byte of the UTF-8 form
 * becomes %XX in upper case.
 *
 * @throws URIError for a lone surrogate, which has no UTF-8 form
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function encodeSegment(text: string): string {
  if (PLAIN_SEGMENT.test(text)) return text
  return encodeURIComponent(text).replace(LEFT_BY_BUILTIN, escapeOne)
}

/**
 * As `encodeSegment`, with `/` kept. The key is never normalised, so `..`, `//`, `\` and `%2e` reach S3 as the key that
 * was meant. Never pass the result through `new URL()`, which would undo that.
 *
 * @throws URIError for a lone surrogate
 */
export function encodeKey(key: string): string {
  if (PLAIN_KEY.test(key)) return key
  return encodeURIComponent(key).replace(LEFT_BY_BUILTIN_OR_SLASH, escapeOne)
}

/**
 * Encodes a query name or a query value. A space is `%20`, never `+`.
 *
 * @throws URIError for a lone surrogate
 */
export function encodeQuery(nameOrValue: string): string {
  return encodeSegment(nameOrValue)
}

function escapeOne(text: string): string {
  return text === '%2F' ? '/' : `%${text.charCodeAt(0).toString(16).toUpperCase()}`
}
