import { createServer, type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request on its way to the store: its number (from 1) and what it is. */
export interface Passing {
  readonly number: number
  readonly method: string
  /** As received, with the query. */
  readonly path: string
}

/** What becomes of a request: on to the store, an answer in its place, or a broken connection. */
export type Verdict = 'forward' | 'break' | { readonly status: number; readonly body: string }

export interface S3ProxyHooks {
  before?(passing: Passing): Promise<Verdict> | Verdict
  /** The store has done it; its answer is not on its way yet. */
  answered?(passing: Passing): Promise<Verdict> | Verdict
}

export interface S3Proxy extends AsyncDisposable {
  readonly url: string
  /** `METHOD /path?query` of each request so far. */
  readonly seen: readonly string[]
}

/** A store that a test can take away, or hold at any request. It passes the Host header on, so signatures still match. */
export async function startS3Proxy(target: string, hooks: S3ProxyHooks = {}): Promise<S3Proxy> {
  const { hostname, port } = new URL(target)
  const seen: string[] = []

  async function pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: path = '' } = incoming
    const passing = { number: seen.push(`${method} ${path}`), method, path }
    const verdict = (await hooks.before?.(passing)) ?? 'forward'
    if (verdict !== 'forward') {
      incoming.resume()
      return finish(response, verdict)
    }
    const outgoing = httpRequest({ hostname, port, method, path, headers: incoming.headers, agent: false })
    outgoing.on('error', () => response.destroy())
    outgoing.on('response', (answer) => {
      const body: Buffer[] = []
      answer.on('data', (chunk: Buffer) => body.push(chunk))
      answer.on('end', () => {
        void Promise.resolve(hooks.answered?.(passing) ?? 'forward').then((afterwards) => {
          if (afterwards !== 'forward') return finish(response, afterwards)
          response.writeHead(answer.statusCode ?? 502, answer.headers)
          response.end(Buffer.concat(body))
        })
      })
    })
    incoming.pipe(outgoing)
  }

  const server = createServer((incoming, response) => void pass(incoming, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

function finish(response: ServerResponse, verdict: Exclude<Verdict, 'forward'>): void {
  if (verdict === 'break') {
    response.destroy()
    return
  }
  response.writeHead(verdict.status, { 'content-type': 'application/xml' })
  response.end(verdict.body)
}

export const s3Error = (status: number, code: string): Verdict => ({
  status,
  body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`,
})
