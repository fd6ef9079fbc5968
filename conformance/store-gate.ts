import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A relay in front of an S3 store, by which a test acts between two requests of the system to it. */
export interface StoreGate extends AsyncDisposable {
  readonly url: string
}

/**
 * Every byte and header passes as it is (signatures stay valid: the Host header is the client's).
 * @param beforeEach runs, and is waited for, before each request is passed on
 */
export async function startStoreGate(
  storeUrl: string,
  beforeEach: (seen: { method: string; path: string }) => Promise<void>,
): Promise<StoreGate> {
  const store = new URL(storeUrl)
  const pass = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET', url: path = '/' } = incoming
    await beforeEach({ method, path })
    const outgoing = request(
      { host: store.hostname, port: store.port, method, path, headers: incoming.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
        answer.pipe(response)
      },
    )
    outgoing.once('error', () => response.destroy())
    incoming.pipe(outgoing)
  }
  const server = createServer((incoming, response) => {
    pass(incoming, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
