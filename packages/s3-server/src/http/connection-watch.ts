import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { clientGroup } from './client-group.ts'
import type { ClientLimits } from './client-limits.ts'
import { MinimumRate } from './minimum-rate.ts'
import type { RequestBody } from './request-body.ts'

interface Connection {
  /** Where its requests come from: the connection itself, or what speaks TLS on it. */
  speaker: Socket
  /** Requests that are not over: not answered, or with a body that has not come to its end. */
  readonly requests: Map<RequestBody, { answeredAt: number | undefined }>
  /** Since when there has been none of them; in the process's milliseconds, as all times here. */
  freeSince: number
  rate: MinimumRate
  /** Bytes that the system had taken at the last look. */
  taken: number
}

/** Milliseconds between two looks, at most. */
const LOOK = 5000

/** Of the connection itself, which is where they wait with TLS, too. */
const handleOf = (socket: Socket): { bytesWritten?: number; writeQueueSize?: number } =>
  (socket as { _handle?: { bytesWritten?: number; writeQueueSize?: number } | null })._handle ?? {}

/** Bytes that the system has taken; what Node calls written may still wait for the client. */
const bytesTaken = (socket: Socket): number => {
  const { bytesWritten = socket.bytesWritten, writeQueueSize = 0 } = handleOf(socket)
  return bytesWritten - writeQueueSize
}

/** Whether there is something that the system has not taken yet. */
const hasUntaken = (socket: Socket): boolean => socket.writableLength > 0 || (handleOf(socket).writeQueueSize ?? 0) > 0

export interface WatchedRequest {
  /** Says that the answer is out, or that there will be none. */
  answered(): void
}

/**
 * Ends the connections of clients that are slower than they may be. Node's own timeouts start anew with each byte, so that
 * one byte now and then would hold a connection for ever; here each state has a bound that bytes do not move.
 */
export class ConnectionWatch implements Disposable {
  readonly #limits: ClientLimits
  readonly #perClient: number
  readonly #connections = new Map<Socket, Connection>()
  readonly #secured = new WeakMap<Socket, Connection>()
  readonly #clients = new Map<string, number>()
  readonly #timer: NodeJS.Timeout
  #refused = 0
  #lookedAt = performance.now()

  /** @param perClient connections that one client may have at once */
  constructor(limits: ClientLimits, perClient: number) {
    this.#limits = limits
    this.#perClient = perClient
    const { head, silence, drain, rate } = limits
    this.#timer = setInterval(
      () => {
        this.#look()
      },
      Math.min(LOOK, head / 4, silence / 4, drain / 4, rate.window / 4),
    )
    this.#timer.unref()
  }

  /** Connections at this moment. */
  get size(): number {
    return this.#connections.size
  }

  /** Connections that were refused since the start, because their client had too many. */
  get refused(): number {
    return this.#refused
  }

  /** Takes a new connection, or hangs up on it. Connections without an address are not counted as anybody's. */
  add(socket: Socket): void {
    const client = socket.remoteAddress === undefined ? undefined : clientGroup(socket.remoteAddress)
    if (client !== undefined) {
      const count = this.#clients.get(client) ?? 0
      if (count >= this.#perClient) {
        this.#refused += 1
        socket.destroy()
        return
      }
      this.#clients.set(client, count + 1)
    }
    this.#connections.set(socket, {
      speaker: socket,
      requests: new Map(),
      freeSince: performance.now(),
      rate: new MinimumRate(this.#limits.rate),
      taken: 0,
    })
    socket.once('close', () => {
      this.#connections.delete(socket)
      if (client === undefined) return
      const left = (this.#clients.get(client) ?? 1) - 1
      if (left > 0) this.#clients.set(client, left)
      else this.#clients.delete(client)
    })
  }

  /** Says that there is TLS on a connection that was added: its requests come from this socket. */
  secure(socket: TLSSocket): void {
    const { _parent: carrier } = socket as { _parent?: Socket }
    const connection = carrier === undefined ? undefined : this.#connections.get(carrier)
    // It was hung up on meanwhile.
    if (connection === undefined) return
    connection.speaker = socket
    this.#secured.set(socket, connection)
  }

  /** Says that a request has come whose body is to be watched. */
  begin(socket: Socket, body: RequestBody): WatchedRequest {
    const state: { answeredAt: number | undefined } = { answeredAt: undefined }
    const connection = this.#connections.get(socket) ?? this.#secured.get(socket)
    connection?.requests.set(body, state)
    return {
      answered: () => {
        state.answeredAt = performance.now()
        if (connection !== undefined) this.#forget(connection)
      },
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }

  #forget(connection: Connection): void {
    for (const [body, { answeredAt }] of connection.requests) {
      if (answeredAt !== undefined && body.isComplete) connection.requests.delete(body)
    }
    if (connection.requests.size === 0) connection.freeSince = performance.now()
  }

  #look(): void {
    const now = performance.now()
    const elapsed = now - this.#lookedAt
    this.#lookedAt = now
    for (const [socket, connection] of this.#connections) {
      if (connection.requests.size > 0) this.#forget(connection)
      if (!this.#isTakingAnswers(socket, connection, elapsed)) socket.destroy()
      else if (this.#isLate(connection, now)) {
        // A client that was answered may still read why.
        connection.speaker.destroySoon()
      }
    }
  }

  #isLate({ requests, freeSince }: Connection, now: number): boolean {
    const { head, silence, drain } = this.#limits
    if (requests.size === 0) return now - freeSince > head
    for (const [body, { answeredAt }] of requests) {
      if (answeredAt === undefined ? body.silentFor(now) > silence : now - answeredAt > drain) return true
    }
    return false
  }

  #isTakingAnswers(socket: Socket, connection: Connection, elapsed: number): boolean {
    const before = connection.taken
    connection.taken = bytesTaken(socket)
    if (hasUntaken(socket)) return connection.rate.take(elapsed, connection.taken - before)
    connection.rate = new MinimumRate(this.#limits.rate)
    return true
  }
}
