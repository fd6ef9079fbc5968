import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { handleRequest } from '../handle-request.ts'
import type { Handling } from '../handle-request.ts'
import { answerBrokenRequest } from './broken-request.ts'
import { lingerAtEnd } from './linger.ts'
import { secureContext } from './tls.ts'
import type { TlsPair } from './tls.ts'

/** Bytes of request line and headers: a presigned URL with a long session token fits. */
const MAX_HEADER_BYTES = 32_768
const HEADERS_TIMEOUT = 20_000
const IDLE_TIMEOUT = 60_000
const KEEP_ALIVE_TIMEOUT = 15_000

/**
 * A server of the API that does not listen yet.
 *
 * @param pending gets each request while it is being handled
 * @param tls what clients are told of who answers; without it they speak plain HTTP
 */
export const createHttpServer = (
  handling: Handling,
  pending: Set<Promise<void>>,
  maxConnections: number,
  tls?: TlsPair,
): Server => {
  const track = (handled: Promise<void>): void => {
    pending.add(handled)
    void handled.finally(() => pending.delete(handled))
  }
  const options = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: HEADERS_TIMEOUT,
    connectionsCheckingInterval: 5000,
    // Whole uploads may take hours; what ends a slow one is the watch.
    requestTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
    noDelay: true,
  }
  const server =
    tls === undefined
      ? createServer(options)
      : createTlsServer({ ...options, ...secureContext(tls), handshakeTimeout: HEADERS_TIMEOUT })
  server.timeout = IDLE_TIMEOUT
  server.maxConnections = maxConnections
  server.on('request', (request, response) => {
    track(handleRequest(request, response, false, handling))
  })
  server.on('checkContinue', (request, response) => {
    track(handleRequest(request, response, true, handling))
  })
  server.on('checkExpectation', (request, response) => {
    // An empty header expects nothing; anything else but 100-continue is more than is promised here.
    if (request.headers.expect?.trim() === '') track(handleRequest(request, response, false, handling))
    else {
      lingerAtEnd(request.socket)
      response.writeHead(417, { connection: 'close', 'content-length': 0 }).end()
    }
  })
  server.on('clientError', answerBrokenRequest)
  server.on('connection', (socket: Socket) => {
    handling.watch.add(socket)
  })
  server.on('secureConnection', (socket: TLSSocket) => {
    handling.watch.secure(socket)
  })
  return server
}
