import { createHmac, hash, type KeyObject } from 'node:crypto'

export const ALGORITHM = 'AWS4-HMAC-SHA256'
export const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD'
export const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

const BLANKS = /[ \t]+/g
const EDGES = /^ | $/g
const TIDY = /^(?:[^ \t]+(?: [^ \t]+)*)?$/

/** The parts of a request that a signature covers, each already in canonical form. */
export interface CanonicalParts {
  readonly method: string
  /** Encoded once and not normalised: S3's rule, unlike other services'. */
  readonly path: string
  readonly query: string
  /** Lower-case names with tidied values, sorted by name. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly payloadHash: string
}

/** Trims a header value and folds inner runs of blanks to one space. */
export function canonicalHeaderValue(value: string): string {
  // In this order both take linear time; trimming first would not, on a long run of blanks within.
  return TIDY.test(value) ? value : value.replace(BLANKS, ' ').replace(EDGES, '')
}

/** Lower-cases, tidies and sorts headers for `canonicalRequest`. */
export function canonicalHeaders(headers: Readonly<Record<string, string>>): [name: string, value: string][] {
  const sorted = Object.entries(headers).map(([name, value]): [string, string] => [
    name.toLowerCase(),
    canonicalHeaderValue(value),
  ])
  return sorted.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0))
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
export function canonicalRequest(parts: CanonicalParts): string {
  let lines = ''
  let names = ''
  for (const [name, value] of parts.headers) {
    lines += `${name}:${value}\n`
    names += names === '' ? name : `;${name}`
  }
  return `${parts.method}\n${parts.path}\n${parts.query}\n${lines}\n${names}\n${parts.payloadHash}`
}

/** `YYYYMMDD/region/service/aws4_request` */
export function credentialScope(day: string, region: string, service: string): string {
  return `${day}/${region}/${service}/aws4_request`
}

/**
 * @param amzDate `YYYYMMDDTHHMMSSZ`
 * @param request the canonical request. A Buffer where header values came from the wire, whose bytes need not be UTF-8.
 */
export function stringToSign(amzDate: string, scope: string, request: string | Buffer): string {
  return `${ALGORITHM}\n${amzDate}\n${scope}\n${hash('sha256', request, 'hex')}`
}

/** The signature, as 64 lower-case hex digits. */
export function signText(key: KeyObject, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex')
}
