import { createServer, connect, type Socket } from 'node:net'

/** A TCP relay in front of a service, by which a test takes the service away and gives it back. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number
  /** Breaks every connection, and refuses new ones as a machine does on which the service is not running. */
  cut(): Promise<void>
  restore(): Promise<void>
  /** Connections stay open and new ones are taken, but no byte passes: a service that hangs. */
  freeze(): void
  thaw(): void
  /** Bytes that clients sent to the service so far. */
  sent(): number
}

/** @param port where the proxy listens; the same one again after {@link TcpProxy.cut} */
export async function startTcpProxy(port: number, target: { host: string; port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  let frozen = false
  let sent = 0
  const server = createServer((near) => {
    const far = connect(target.port, target.host)
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      if (frozen) socket.pause()
      socket.on('data', (chunk) => {
        if (socket === near) sent += chunk.length
        if (!other.write(chunk)) {
          socket.pause()
          other.once('drain', () => frozen || socket.resume())
        }
      })
      socket.on('end', () => other.end())
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
    if (frozen) {
      near.pause()
      far.pause()
    }
  })
  const listen = (): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject)
        resolve()
      })
    })
  const cut = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of sockets) socket.resetAndDestroy()
    await closed
  }
  await listen()
  return {
    port,
    cut,
    restore: listen,
    freeze() {
      frozen = true
      for (const socket of sockets) socket.pause()
    },
    thaw() {
      frozen = false
      for (const socket of sockets) socket.resume()
    },
    sent: () => sent,
    async [Symbol.asyncDispose]() {
      if (server.listening) await cut()
    },
  }
}
