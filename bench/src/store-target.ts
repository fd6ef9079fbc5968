import { canonicalQuery, type QueryParameter } from '@skycrate/core/sigv4/query'
import { signRequest } from '@skycrate/core/sigv4/sign'

/** A store under load: it turns a method and a key into a request head that is ready to be sent. */
export interface StoreTarget {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly head: (method: 'GET' | 'PUT', key: string, length: number) => string
}

export interface S3Endpoint {
  readonly url: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly bucket: string
}

export interface S3RequestLine {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  /** Undefined for the bucket itself; no characters that would have to be encoded. */
  readonly key?: string
  readonly query?: readonly QueryParameter[]
  /** Bytes of the body. */
  readonly length?: number
}

/** The head of a request to the endpoint's bucket, signed with an unsigned payload: good for a quarter of an hour. */
export function s3Head(endpoint: S3Endpoint, { method, key, query = [], length = 0 }: S3RequestLine): string {
  const { host } = new URL(endpoint.url)
  const path = key === undefined ? `/${endpoint.bucket}` : `/${endpoint.bucket}/${key}`
  const { headers } = signRequest({
    method,
    host,
    path,
    query,
    payloadHash: 'UNSIGNED-PAYLOAD',
    credentials: endpoint,
    region: 'us-east-1',
    service: 's3',
    now: Date.now(),
  })
  const target = query.length === 0 ? path : `${path}?${canonicalQuery(query)}`
  return requestHead(method, target, { host, ...headers }, length)
}

/** Any S3 store. */
export function s3Target(name: string, endpoint: S3Endpoint): StoreTarget {
  const { hostname, port } = new URL(endpoint.url)
  return {
    name,
    host: hostname,
    port: Number(port),
    head: (method, key, length) => s3Head(endpoint, { method, key, length }),
  }
}

/** A web server that takes files by PUT and gives them back. */
export function webTarget(name: string, url: string): StoreTarget {
  const { host, hostname, port } = new URL(url)
  return {
    name,
    host: hostname,
    port: Number(port),
    head: (method, key, length) => requestHead(method, `/${key}`, { host }, length),
  }
}

function requestHead(method: string, path: string, headers: Readonly<Record<string, string>>, length: number): string {
  const hasBody = method === 'PUT' || method === 'POST'
  const lines = Object.entries(hasBody ? { ...headers, 'content-length': String(length) } : headers)
  return `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
}
