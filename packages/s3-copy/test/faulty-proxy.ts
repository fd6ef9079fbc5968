import { createServer, request } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Seen {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: IncomingMessage['headers']
}

/** What becomes of a request. */
export type Fault =
  | 'none'
  /** The store does it, and the client never hears of it. */
  | 'answer lost'
  /** The store hears half of the body. */
  | 'body cut'
  /** The client hears half of the body. */
  | 'answer cut'
  | 'no answer'
  | { readonly status: number; readonly code: string }
  | { readonly document: string }

export interface FaultyProxy extends AsyncDisposable {
  readonly url: string
}

/** Stands in front of a store, and lets go wrong what it is told to. Signatures stay valid: the Host is the client's. */
export const startFaultyProxy = async (storeUrl: string, faultOf: (seen: Seen) => Fault): Promise<FaultyProxy> => {
  const store = new URL(storeUrl)
  const server = createServer((incoming: IncomingMessage, response: ServerResponse) => {
    const { method = 'GET', url: path = '/', headers } = incoming
    const fault = faultOf({ method, path, headers })
    if (typeof fault === 'object' && 'document' in fault) {
      incoming.resume()
      response.writeHead(200, { 'content-type': 'application/xml' }).end(fault.document)
      return
    }
    if (typeof fault === 'object') {
      incoming.resume().once('end', () => {
        response.writeHead(fault.status, { 'content-type': 'application/xml' })
        response.end(method === 'HEAD' ? '' : `<Error><Code>${fault.code}</Code><Message>Not here.</Message></Error>`)
      })
      return
    }
    if (fault === 'no answer') return
    const outgoing = request({ host: store.hostname, port: store.port, method, path, headers }, (answer) => {
      if (fault === 'answer lost') {
        answer.resume()
        response.destroy()
        return
      }
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
      if (fault === 'answer cut') {
        answer.once('data', (chunk: Buffer) => {
          response.write(chunk.subarray(0, Math.floor(chunk.length / 2)), () => response.destroy())
          answer.destroy()
        })
        return
      }
      answer.pipe(response)
    })
    outgoing.once('error', () => response.destroy())
    if (fault === 'body cut') {
      incoming.once('data', (chunk: Buffer) => {
        outgoing.write(chunk.subarray(0, Math.floor(chunk.length / 2)), () => {
          outgoing.destroy()
          incoming.destroy()
        })
      })
      incoming.once('end', () => outgoing.end())
      return
    }
    incoming.pipe(outgoing)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
