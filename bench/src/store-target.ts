import { signRequest } from '@skycrate/core/sigv4/sign'

/** A store under load: it turns a method and a key into a request head that is ready to be sent. */
export interface StoreTarget {
  readonly name: string
  readonly host: string
  readonly port: number
  head(method: 'GET' | 'PUT', key: string, length: number): string
  /** For PUT the bytes are on the disk, not only with the operating system, before the answer. */
  readonly durable: boolean
}

export interface S3Endpoint {
  readonly url: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly bucket: string
}

/** Any S3 store, its requests signed beforehand with an unsigned payload: they are good for a quarter of an hour. */
export function s3Target(name: string, endpoint: S3Endpoint): StoreTarget {
  const { host, hostname, port } = new URL(endpoint.url)
  return {
    name,
    host: hostname,
    port: Number(port),
    durable: true,
    head: (method, key, length) => {
      const path = `/${endpoint.bucket}/${key}`
      const { headers } = signRequest({
        method,
        host,
        path,
        payloadHash: 'UNSIGNED-PAYLOAD',
        credentials: endpoint,
        region: 'us-east-1',
        service: 's3',
        now: Date.now(),
      })
      return requestHead(method, path, { host, ...headers }, length)
    },
  }
}

/** A web server that takes files by PUT and gives them back. */
export function webTarget(name: string, url: string): StoreTarget {
  const { host, hostname, port } = new URL(url)
  return {
    name,
    host: hostname,
    port: Number(port),
    durable: false,
    head: (method, key, length) => requestHead(method, `/${key}`, { host }, length),
  }
}

function requestHead(method: string, path: string, headers: Readonly<Record<string, string>>, length: number): string {
  const lines = Object.entries(method === 'PUT' ? { ...headers, 'content-length': String(length) } : headers)
  return `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
}
