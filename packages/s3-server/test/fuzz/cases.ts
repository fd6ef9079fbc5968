import { createHash } from 'node:crypto'
import { ChunkedEncoder } from '@skycrate/core/sigv4/chunked-encoder'
import { createPostPolicy } from '@skycrate/core/sigv4/post-policy'
import { canonicalQuery, parseQuery } from '@skycrate/core/sigv4/query'
import { signRequest } from '@skycrate/core/sigv4/sign'
import type { Random } from '../property/random.ts'
import { CREDENTIALS } from '../running-server.ts'
import { DOCUMENTS, oddDocument } from './documents.ts'
import { mutate, mutateTokens, oddText } from './mutate.ts'
import { HEADERS, METHODS, PARAMETERS } from './vocabulary.ts'

/** One connection's worth of bytes. */
export interface FuzzCase {
  /** What was begun with. */
  readonly kind: string
  readonly bytes: Buffer
  /** Whether the answer at that place has no body. */
  readonly isBodiless: (at: number) => boolean
}

export interface FuzzTarget {
  readonly url: string
  /** Of an upload that stays open for /fuzz/upload. */
  readonly uploadId: string
}

interface Message {
  readonly method: string
  /** Path and query as they are sent. */
  readonly target: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer
}

const write = ({ method, target, headers, body }: Message): Buffer =>
  Buffer.concat([
    Buffer.from(`${method} ${target} HTTP/1.1\r\n`, 'utf8'),
    Buffer.from(headers.map(([name, value]) => `${name}: ${value}\r\n`).join(''), 'latin1'),
    Buffer.from('\r\n'),
    body,
  ])

interface SignedMessage {
  readonly method: string
  readonly path: string
  readonly query?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer
  readonly payloadHash?: string
  readonly service?: string
  /** Whether more requests follow on the connection. */
  readonly keepsAlive?: boolean
}

/** A request whose signature is right, so that what is odd in it is looked at. */
const signed = (
  { url }: FuzzTarget,
  message: SignedMessage,
): { message: Message; signature: ReturnType<typeof signRequest> } => {
  const { method, path, headers = {}, body = Buffer.alloc(0) } = message
  const query = parseQuery(message.query ?? '') ?? []
  const signature = signRequest({
    method,
    host: new URL(url).host,
    path,
    query,
    headers,
    payloadHash: message.payloadHash ?? createHash('sha256').update(body).digest('hex'),
    credentials: CREDENTIALS,
    region: 'us-east-1',
    service: message.service ?? 's3',
    now: Date.now(),
  })
  const text = canonicalQuery(query)
  return {
    signature,
    message: {
      method,
      target: text === '' ? path : `${path}?${text}`,
      headers: [
        ...Object.entries(signature.headers),
        ['host', new URL(url).host],
        ['content-length', String(body.length)],
        ...(message.keepsAlive === true ? [] : [['connection', 'close'] as const]),
      ],
      body,
    },
  }
}

type MakeCase = (random: Random, target: FuzzTarget) => FuzzCase

const one = (kind: string, message: Message): FuzzCase => ({
  kind,
  bytes: write(message),
  isBodiless: () => message.method === 'HEAD',
})

const document: MakeCase = (random, target) => {
  const request = random.pick(DOCUMENTS)
  const body = oddDocument(random, request.document)
  const { message } = signed(target, {
    ...request,
    query: request.query.replace('UPLOAD', target.uploadId),
    body,
    service: request.path === '/' ? 'sts' : 's3',
    headers: request.path === '/' ? { 'content-type': 'application/x-www-form-urlencoded' } : {},
  })
  return one(`document ${request.method} ${request.path}?${request.query}`, message)
}

const BODY = Buffer.from('a body of thirty-two bytes, ok?!')

const pickHeaders = (random: Random): Record<string, string> => {
  const headers: Record<string, string> = {}
  for (let left = 1 + random.int(4); left > 0; left--) {
    const [name, values] = random.pick(HEADERS)
    const value = random.pick(values)
    headers[name] = random.chance(0.5) ? value : mutateTokens(random, value, values).replaceAll(/[\r\n\0]/g, ' ')
  }
  return headers
}

/** Odd headers, under the signature. */
const header: MakeCase = (random, target) => {
  const method = random.pick(['GET', 'HEAD', 'PUT', 'PUT', 'DELETE', 'POST', 'OPTIONS'])
  const body = method === 'PUT' || method === 'POST' ? BODY : Buffer.alloc(0)
  const path = random.pick(['/fuzz/key', '/fuzz/key', '/fuzz/other', '/fuzz-locked/key', '/fuzz', '/fuzz/upload'])
  const query = path === '/fuzz/upload' ? `partNumber=1&uploadId=${target.uploadId}` : ''
  const headers = Object.fromEntries(
    Object.entries(pickHeaders(random)).map(([name, value]) => [name, Buffer.from(value).toString('latin1')]),
  )
  const payloadHash = random.pick([undefined, undefined, 'UNSIGNED-PAYLOAD'])
  const { message } = signed(target, {
    method,
    path,
    query,
    body,
    headers,
    ...(payloadHash === undefined ? {} : { payloadHash }),
  })
  return one('headers', message)
}

/** Headers changed after the signing, lengths and framing among them. */
const unsignedHeader: MakeCase = (random, target) => {
  const { message } = signed(target, { method: random.pick(['PUT', 'GET', 'POST']), path: '/fuzz/key', body: BODY })
  const at = random.int(message.headers.length + 1)
  const length = random.pick(['0', '31', '33', '-1', '+32', '0x20', '32, 32', '1e1', '', ' ', '99999999999999999999'])
  const extra = random.pick([
    ['content-length', length],
    ['transfer-encoding', 'chunked'],
    ['transfer-encoding', 'gzip, chunked'],
    ['transfer-encoding', 'identity'],
    ['transfer-encoding ', 'chunked'],
    ['connection', 'keep-alive, content-length'],
    ['upgrade', 'h2c'],
    ['expect', '100-continue'],
    ['te', 'trailers'],
    ['host', oddText(random).slice(0, 300)],
  ] as const)
  const kept = message.headers.filter(([name]) => random.chance(0.5) || name !== extra[0])
  const headers = kept
    .toSpliced(at, 0, extra)
    .map(([name, value]) =>
      name === 'authorization' && random.chance(0.5)
        ? ([name, mutateTokens(random, value, [value])] as const)
        : ([name, value] as const),
    )
  return one('framing', { ...message, headers })
}

const MODES = [
  ['chunked-signed', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'],
  ['chunked-signed-trailer', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER'],
  ['chunked-unsigned-trailer', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'],
] as const

const chunked: MakeCase = (random, target) => {
  const [mode, payloadHash] = random.pick(MODES)
  const sizes = Array.from({ length: random.int(3) }, () => random.pick([1, 100, 8192, 70_000]))
  const data = sizes.map((size) => random.bytes(size))
  const hasTrailer = mode !== 'chunked-signed' && random.chance(0.8)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const { message, signature } = signed(target, {
    method: 'PUT',
    path: random.pick(['/fuzz/chunked', '/fuzz/key']),
    payloadHash,
    headers: {
      'content-encoding': 'aws-chunked',
      'x-amz-decoded-content-length': random.chance(0.8) ? String(total) : oddText(random).replaceAll(/[^ -~]/g, ''),
      ...(hasTrailer
        ? { 'x-amz-trailer': random.pick(['x-amz-checksum-crc32', 'x-amz-checksum-sha256', 'x-other']) }
        : {}),
    },
  })
  const encoder = new ChunkedEncoder({ mode, seed: signature.seed })
  const trailers = new Map(hasTrailer ? [['x-amz-checksum-crc32', 'AAAAAA==']] : [])
  const whole = Buffer.concat([...data.map((piece) => encoder.encode(piece)), encoder.end(trailers)])
  const words = [
    '0\r\n',
    '\r\n\r\n',
    ';chunk-signature=',
    'ffffffff\r\n',
    'x-amz-trailer-signature:',
    '0;\r\n',
    'fffffffffffffffff',
  ]
  const body = random.chance(0.1) ? whole : mutate(random, whole, words)
  const headers = message.headers.map(([name, value]) =>
    name === 'content-length' ? ([name, String(body.length)] as const) : ([name, value] as const),
  )
  return one(mode, { ...message, headers, body })
}

const form: MakeCase = (random, { url }) => {
  const boundary = random.pick(['----b', 'x', "a'()+_,-./:=?b", 'b'.repeat(70)])
  const { fields } = createPostPolicy({
    endpoint: url,
    region: 'us-east-1',
    credentials: CREDENTIALS,
    addressing: 'path',
    bucket: 'fuzz',
    key: { startsWith: 'in/' },
    expiresIn: 60,
    now: Date.now(),
  })
  const more = random.chance(0.3)
    ? { success_action_status: random.pick(['200', '201', '999']), tagging: '<Tagging/>' }
    : {}
  const all = Object.entries({ ...fields, key: 'in/${filename}', ...more }).map(([name, value]) =>
    random.chance(0.05) ? ([name, mutateTokens(random, value, ['x'])] as const) : ([name, value] as const),
  )
  const text = all
    .map(([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
    .concat(
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nbytes\r\n--${boundary}--\r\n`,
    )
  const words = [
    `--${boundary}`,
    `\r\n--${boundary}--\r\n`,
    'Content-Disposition: form-data; name="',
    'filename="',
    '\r\n\r\n',
    '\\"',
  ]
  const whole = Buffer.from(text.join(''))
  const body = random.chance(0.1) ? whole : mutate(random, whole, words)
  const type = `multipart/form-data; boundary="${boundary}"`
  return one('form', {
    method: 'POST',
    target: '/fuzz',
    headers: [
      ['host', new URL(url).host],
      ['content-type', random.chance(0.9) ? type : mutateTokens(random, type, [boundary]).replaceAll(/[\r\n\0]/g, '')],
      ['content-length', String(body.length)],
      ['connection', 'close'],
    ],
    body,
  })
}

const query: MakeCase = (random, target) => {
  const parameters = Array.from({ length: 1 + random.int(4) }, () => {
    const [name, values] = random.pick(PARAMETERS)
    const value = random.chance(0.6) ? random.pick(values) : oddText(random)
    return `${encodeURIComponent(name)}=${encodeURIComponent(value.toWellFormed().slice(0, 2000))}`
  })
  const path = random.pick([
    '/',
    '/fuzz',
    '/fuzz',
    '/fuzz/key',
    '/fuzz/key',
    '/fuzz/upload',
    '/none',
    '/fuzz-locked/key',
  ])
  const method = random.pick(['GET', 'GET', 'GET', 'HEAD', 'DELETE', 'PUT', 'POST'])
  // What the bucket needs is not to go.
  const isSafe = method !== 'DELETE' || path.includes('/', 1) || path === '/none'
  const { message } = signed(target, { method: isSafe ? method : 'GET', path, query: parameters.join('&') })
  const isRaw = random.chance(0.2)
  return one(
    'query',
    isRaw
      ? { ...message, target: mutateTokens(random, message.target, ['%', '?', '&', '=']).replaceAll(/[\r\n ]/g, '') }
      : message,
  )
}

/** Several requests in one go, or one, changed anywhere. */
const raw: MakeCase = (random, target) => {
  const messages = Array.from(
    {
      length: random.weighted([
        [4, 1],
        [2, 3],
        [1, 20],
      ]),
    },
    () =>
      signed(target, {
        method: random.pick(METHODS),
        path: random.pick(['/fuzz/key', '/fuzz', '/']),
        body: random.pick([BODY, Buffer.alloc(0)]),
        keepsAlive: true,
      }).message,
  )
  const whole = Buffer.concat(messages.map(write))
  const words = [
    ' HTTP/1.1',
    ' HTTP/1.0',
    ' HTTP/9.9',
    '\r\n',
    '\n',
    'GET * ',
    '/'.repeat(40_000),
    'x: y\r\n'.repeat(3000),
    'http://x@y:z/',
    '\r\n folded',
    'Transfer-Encoding: chunked\r\n',
  ]
  const isWhole = random.chance(0.2)
  return {
    kind: 'raw',
    bytes: isWhole ? whole : mutate(random, whole, words),
    // Bytes that were changed say nothing sure of which answer belongs to what.
    isBodiless: (at) => messages[at]?.method === 'HEAD',
  }
}

export const CASES: readonly (readonly [weight: number, make: MakeCase])[] = [
  [6, document],
  [6, header],
  [3, unsignedHeader],
  [4, chunked],
  [3, form],
  [4, query],
  [3, raw],
]
