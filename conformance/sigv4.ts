import { createHash, createHmac } from 'node:crypto'

/**
 * Signature Version 4 for S3, written from the documentation and from nothing of the code under test.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export interface SigningKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

export interface ToSign {
  readonly method: string
  /** `http://host:port`, without a path. */
  readonly origin: string
  /** Already percent-encoded; starts with '/'. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly keys: SigningKeys
  readonly region: string
  readonly at: Date
}

const UNRESERVED = /[A-Za-z0-9\-._~]/
const ALGORITHM = 'AWS4-HMAC-SHA256'

/** Percent-encodes every byte of the UTF-8 form but the unreserved ones, with upper-case hex digits. */
export function uriEncode(text: string): string {
  let encoded = ''
  for (const byte of Buffer.from(text)) {
    const character = String.fromCharCode(byte)
    encoded += UNRESERVED.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return encoded
}

/** The path of an object in path style: each segment encoded on its own, the slashes of the key kept. */
export function objectPath(bucket: string, key: string): string {
  return `/${bucket}/${key.split('/').map(uriEncode).join('/')}`
}

/** The headers to send with the request, `authorization` among them. The body is hashed here. */
export function signedHeaders(request: ToSign, body: string | Buffer = ''): Record<string, string> {
  const hash = createHash('sha256').update(body).digest('hex')
  const stamp = timestamp(request.at)
  const { sessionToken } = request.keys
  const headers: Record<string, string> = {
    ...request.headers,
    host: request.origin.replace(/^https?:\/\//, ''),
    'x-amz-content-sha256': hash,
    'x-amz-date': stamp,
    ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
  }
  const { names, signature } = sign(request, headers, request.query ?? {}, stamp, hash)
  const credential = `${request.keys.accessKeyId}/${scope(request, stamp)}`
  headers.authorization = `${ALGORITHM} Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`
  return headers
}

/** @param expiresIn seconds */
export function presignedUrl(request: ToSign, expiresIn: number): string {
  const stamp = timestamp(request.at)
  const headers = { ...request.headers, host: request.origin.replace(/^https?:\/\//, '') }
  const { sessionToken } = request.keys
  const query: Record<string, string> = {
    ...request.query,
    'X-Amz-Algorithm': ALGORITHM,
    'X-Amz-Credential': `${request.keys.accessKeyId}/${scope(request, stamp)}`,
    'X-Amz-Date': stamp,
    'X-Amz-Expires': String(expiresIn),
    'X-Amz-SignedHeaders': headerNames(headers),
    ...(sessionToken === undefined ? {} : { 'X-Amz-Security-Token': sessionToken }),
  }
  const { signature } = sign(request, headers, query, stamp, 'UNSIGNED-PAYLOAD')
  return `${request.origin}${request.path}?${queryString(query)}&X-Amz-Signature=${signature}`
}

function sign(
  request: ToSign,
  headers: Readonly<Record<string, string>>,
  query: Readonly<Record<string, string>>,
  stamp: string,
  payloadHash: string,
): { names: string; signature: string } {
  const names = headerNames(headers)
  const lower = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  const lines = names.split(';').map((name) => `${name}:${lower.get(name)?.trim().replaceAll(/ +/g, ' ')}\n`)
  const canonical = [request.method, request.path, queryString(query), lines.join(''), names, payloadHash].join('\n')
  const digest = createHash('sha256').update(canonical).digest('hex')
  const text = [ALGORITHM, stamp, scope(request, stamp), digest].join('\n')
  const day = hmac(`AWS4${request.keys.secretAccessKey}`, stamp.slice(0, 8))
  const key = hmac(hmac(hmac(day, request.region), 's3'), 'aws4_request')
  return { names, signature: hmac(key, text).toString('hex') }
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
const timestamp = (at: Date): string => at.toISOString().replaceAll(/[-:]|\.\d+/g, '')
const scope = (request: ToSign, stamp: string): string => `${stamp.slice(0, 8)}/${request.region}/s3/aws4_request`

function headerNames(headers: Readonly<Record<string, string>>): string {
  return Object.keys(headers)
    .map((name) => name.toLowerCase())
    .toSorted()
    .join(';')
}

function queryString(query: Readonly<Record<string, string>>): string {
  return Object.entries(query)
    .map(([name, value]) => [uriEncode(name), uriEncode(value)] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}
