import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface AdminServer {
  readonly url: string
  close(): Promise<void>
}

/** Answers `/metrics` (as `render` gives it) and `/healthz` to whoever can reach the port: keep it to yourself. */
export const startAdminServer = (host: string, port: number, render: () => Promise<string>): Promise<AdminServer> => {
  const server = createServer((request, response) => {
    const [path] = (request.url ?? '/').split('?', 1)
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (isRead && path === '/metrics') {
      render().then(
        (text) => response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text),
        () => response.writeHead(500).end(),
      )
    } else if (isRead && path === '/healthz') {
      response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n')
    } else {
      response.writeHead(404).end()
    }
  })
  // Its few clients ask for little: whoever is slow is no client.
  server.maxConnections = 64
  server.timeout = 30_000
  server.requestTimeout = 10_000
  server.headersTimeout = 10_000
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      const at = server.address() as AddressInfo
      resolve({
        url: `http://${host.includes(':') ? `[${host}]` : host}:${at.port}`,
        close: () =>
          new Promise((closed) => {
            server.close(() => {
              closed()
            })
            server.closeAllConnections()
          }),
      })
    })
  })
}
