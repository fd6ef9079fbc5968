import { Agent, type IncomingHttpHeaders, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly text: string
  /** @throws where the body is no JSON; the message shows its beginning */
  json<T>(): T
}

export interface Ask {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  /** Milliseconds until the request is given up. */
  readonly timeoutMs?: number
  readonly agent?: Agent
  /** What an https server's certificate must be, in PEM; undefined: whatever it is. */
  readonly ca?: string
}

/** One connection a request: a test that kills servers must never meet a kept connection to the one before. */
const oneShot = new Agent({ keepAlive: false, maxSockets: 64 })

/**
 * One HTTP request. The path goes over the wire byte for byte as it stands in the URL: no URL parser may tidy up the
 * very keys under test.
 * @param url `http://host:port/path?query`, or https, already encoded
 */
export function request(url: string, ask: Ask = {}): Promise<Answer> {
  const match = /^(https?):\/\/([^/:?]+):(\d+)(\/.*)?$/s.exec(url)
  const [, scheme, host, port, path = '/'] = match ?? []
  if (!host || !port) return Promise.reject(new Error('the URL is not http(s)://host:port/…'))
  const length = ask.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(ask.body)) }
  return new Promise((resolve, reject) => {
    const options = {
      host,
      port: Number(port),
      path,
      method: ask.method ?? 'GET',
      headers: { ...length, ...ask.headers },
    }
    const outgoing =
      scheme === 'https'
        ? httpsRequest({
            ...options,
            agent: false,
            ...(ask.ca === undefined ? { rejectUnauthorized: false } : { ca: ask.ca }),
          })
        : httpRequest({ ...options, agent: ask.agent ?? oneShot })
    outgoing.setTimeout(ask.timeoutMs ?? 30_000, () => outgoing.destroy(new Error('no answer in time')))
    outgoing.once('error', reject)
    outgoing.once('response', (incoming) => {
      // A server that refuses a body closes while it is still being sent; the answer is what counts then.
      outgoing.off('error', reject).on('error', () => undefined)
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.once('error', reject)
      incoming.once('end', () => {
        const body = Buffer.concat(chunks)
        const text = body.toString()
        const json = <T>(): T => {
          try {
            return JSON.parse(text) as T
          } catch (error) {
            throw new Error(`${incoming.statusCode} with a body that is no JSON: ${text.slice(0, 200)}`, {
              cause: error,
            })
          }
        }
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body, text, json })
      })
    })
    outgoing.end(ask.body)
  })
}
