import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Socket } from 'node:net'
import { addressGroup } from '../limits/address-group.ts'
import { type Certificate, secureContext } from '../tls/certificate.ts'
import { MAX_HEADER_BYTES } from './client-error.ts'

export interface ConnectionLimits {
  /** Connections that one IPv4 address or IPv6 /64 network may have at once; Infinity for a proxy in front. */
  readonly perAddress: number
  /** Milliseconds in which a client takes something of an answer that waits for it, or is cut off. */
  readonly unread: number
  /** Milliseconds that a request may take to arrive whole, whether its body is read or has been refused. */
  readonly request: number
  /** Milliseconds that a connection may be idle between two requests. */
  readonly idle: number
}

/** The system holds megabytes for a slow reader before it takes more, so what is read is seen late. */
export const CONNECTION_LIMITS: ConnectionLimits = {
  perAddress: 512,
  unread: 120_000,
  request: 30_000,
  idle: 72_000,
}

interface Watched {
  /** Bytes that the system had taken when the window began. */
  taken: number
  since: number
}

/** An HTTP server in which no state of a connection lasts longer than the limits say, however slow its client. */
export function createLimitedServer(
  handler: RequestListener,
  limits: ConnectionLimits,
  certificate: Certificate | undefined,
): Server {
  const options = {
    maxHeaderSize: MAX_HEADER_BYTES,
    // From the first moment of the connection, or of the next request on it.
    headersTimeout: limits.request,
    requestTimeout: limits.request,
    keepAliveTimeout: limits.idle,
    connectionsCheckingInterval: Math.min(5000, limits.request / 4),
  }
  const server =
    certificate === undefined
      ? createServer(options, handler)
      : createTlsServer({ ...options, ...secureContext(certificate), handshakeTimeout: limits.request }, handler)
  limitConnections(server, limits)
  return server
}

/** Bounds what Node leaves open: connections of one address, and answers that nobody reads. */
function limitConnections(server: Server, limits: ConnectionLimits): void {
  const { perAddress, unread } = limits
  const clients = new Map<string, number>()
  const connections = new Map<Socket, Watched>()

  server.on('connection', (socket: Socket) => {
    const client = addressGroup(socket.remoteAddress ?? null)
    const count = clients.get(client) ?? 0
    if (count >= perAddress) {
      socket.destroy()
      return
    }
    clients.set(client, count + 1)
    connections.set(socket, { taken: 0, since: performance.now() })
    socket.once('close', () => {
      connections.delete(socket)
      const left = (clients.get(client) ?? 1) - 1
      if (left > 0) clients.set(client, left)
      else clients.delete(client)
    })
  })

  const timer = setInterval(() => {
    const now = performance.now()
    for (const [socket, watched] of connections) {
      const { taken, waiting } = outgoing(socket)
      if (!waiting || taken > watched.taken) Object.assign(watched, { taken, since: now })
      else if (now - watched.since > unread) socket.destroy()
    }
  }, unread / 4)
  timer.unref()
  server.once('close', () => clearInterval(timer))
}

/**
 * What the system has taken, in bytes, and whether it has yet to take more: what Node calls written may still wait for the
 * client. Looked up at the connection itself, since with TLS its socket knows nothing of what waits there.
 */
function outgoing(socket: Socket): { readonly taken: number; readonly waiting: boolean } {
  const { _handle: handle } = socket as { _handle?: { bytesWritten?: number; writeQueueSize?: number } | null }
  const queued = handle?.writeQueueSize ?? 0
  return {
    taken: (handle?.bytesWritten ?? socket.bytesWritten) - queued,
    waiting: socket.writableLength > 0 || queued > 0,
  }
}
