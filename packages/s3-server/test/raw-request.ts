import { createHash } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import type { Credentials } from '@skycrate/core/sigv4/credentials'
import { signRequest } from '@skycrate/core/sigv4/sign'
import { canonicalQuery } from '@skycrate/core/sigv4/query'
import type { QueryParameter } from '@skycrate/core/sigv4/query'
import { CREDENTIALS } from './running-server.ts'

export interface RawRequest {
  readonly method?: string
  /** The Host header; that of the URL when absent. */
  readonly host?: string
  /** As it is sent, already encoded. */
  readonly path: string
  readonly query?: readonly QueryParameter[]
  readonly headers?: Record<string, string>
  readonly body?: Buffer | string
  readonly payloadHash?: string
  readonly credentials?: Credentials
  /** `s3` when absent. */
  readonly service?: string
  readonly region?: string
  /** Milliseconds since 1970. */
  readonly now?: number
}

export interface RawAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly text: string
  /** S3's error code, '' when the answer is none. */
  readonly code: string
}

/** One HTTP request exactly as given, nothing normalised and nothing added but Host and Content-Length. */
export const sendUnsigned = (
  url: string,
  method: string,
  target: string,
  headers: Record<string, string> = {},
  body: Buffer | string = '',
): Promise<RawAnswer> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const request = httpRequest(
      { hostname, port, method, path: target, headers: { 'content-length': Buffer.byteLength(body), ...headers } },
      (response) => {
        const pieces: Buffer[] = []
        response.on('data', (piece: Buffer) => pieces.push(piece))
        response.on('error', reject)
        response.on('end', () => {
          const bytes = Buffer.concat(pieces)
          const text = bytes.toString()
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: bytes,
            text,
            code: /<Code>([^<]*)<\/Code>/.exec(text)?.[1] ?? '',
          })
        })
      },
    )
    request.on('error', reject)
    request.end(body)
  })

/** What `sendUnsigned` takes, signed with an Authorization header. */
export const sign = (
  url: string,
  raw: RawRequest,
): { method: string; target: string; headers: Record<string, string>; body: Buffer | string } => {
  const { method = 'GET', path, query = [], body = '' } = raw
  const signed = signRequest({
    method,
    host: raw.host ?? new URL(url).host,
    path,
    query,
    headers: raw.headers ?? {},
    payloadHash: raw.payloadHash ?? createHash('sha256').update(body).digest('hex'),
    credentials: raw.credentials ?? CREDENTIALS,
    region: raw.region ?? 'us-east-1',
    service: raw.service ?? 's3',
    now: raw.now ?? Date.now(),
  })
  const queryText = canonicalQuery(query)
  return {
    method,
    target: queryText === '' ? path : `${path}?${queryText}`,
    headers: { ...(raw.host === undefined ? {} : { host: raw.host }), ...signed.headers },
    body,
  }
}

export const send = (url: string, raw: RawRequest): Promise<RawAnswer> => {
  const { method, target, headers, body } = sign(url, raw)
  return sendUnsigned(url, method, target, headers, body)
}
