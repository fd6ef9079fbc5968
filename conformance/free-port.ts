import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

// Below the range from which Linux, macOS and Windows take the ports of outgoing connections, so that the load of a
// test cannot take a port between its choice here and the server's bind, nor while a killed server is started again.
const FIRST = 20_000
const LAST = 32_000

/** A TCP port of 127.0.0.1 on which nothing listens. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(FIRST, LAST)
    if (await canListen(port)) return port
  }
  throw new Error(`no free port found between ${FIRST} and ${LAST}`)
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
