import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempDisposable } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { sign, send } from './raw-request.ts'
import type { RawRequest } from './raw-request.ts'
import type { RunningS3Server } from '../src/server.ts'
import { startRunningServer } from './running-server.ts'

const head = (url: string, raw: RawRequest, more: Record<string, string> = {}): string => {
  const { method, target, headers, body } = sign(url, raw)
  const all = { host: new URL(url).host, ...headers, 'content-length': String(Buffer.byteLength(body)), ...more }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  return `${method} ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`
}

interface Attack {
  readonly name: string
  /** What is sent first. */
  readonly opening: (url: string) => string
  /** What is then sent again and again; undefined: nothing. */
  readonly drip: string | undefined
  /** Whether the client reads what it is answered. */
  readonly reads?: boolean
}

const ATTACKS: readonly Attack[] = [
  { name: 'nothing at all', opening: () => '', drip: undefined },
  { name: 'a head that never ends', opening: () => 'GET / HTTP/1.1\r\n', drip: 'x: y\r\n' },
  {
    name: 'empty lines between requests',
    opening: () => 'GET / HTTP/1.1\r\nhost: x\r\n\r\n',
    drip: '\r\n',
  },
  {
    name: 'a refused body that is dropped',
    opening: () => 'PUT /x/x HTTP/1.1\r\nhost: x\r\ncontent-length: 1048000\r\n\r\n',
    drip: 'x',
  },
  {
    name: 'a refused body whose request asked twice in one connection',
    opening: () => `GET / HTTP/1.1\r\nhost: x\r\n\r\nPUT /x/x HTTP/1.1\r\nhost: x\r\ncontent-length: 1048000\r\n\r\n`,
    drip: 'x',
  },
  {
    name: 'an accepted body, silent',
    opening: (url) => head(url, { method: 'PUT', path: '/slow/o', body: Buffer.alloc(100_000) }),
    drip: undefined,
  },
  {
    name: 'an accepted body, byte by byte',
    opening: (url) => head(url, { method: 'PUT', path: '/slow/o', body: Buffer.alloc(100_000) }),
    drip: 'x',
  },
  {
    name: 'a form of somebody without a key',
    opening: () =>
      'POST /slow HTTP/1.1\r\nhost: x\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-length: 20000\r\n\r\n--b\r\n',
    drip: 'x',
  },
  {
    name: 'an accepted body whose chunks have extensions without end',
    opening: (url) =>
      head(url, {
        method: 'PUT',
        path: '/slow/o',
        payloadHash: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        headers: { 'x-amz-decoded-content-length': '9', 'content-encoding': 'aws-chunked' },
      }).replace('content-length: 0', 'transfer-encoding: chunked') + '5;',
    drip: 'x',
  },
  {
    name: 'answers that nobody reads',
    opening: (url) => head(url, { path: '/slow/large' }),
    drip: undefined,
    reads: false,
  },
  {
    name: 'answers that nobody reads, and more requests',
    opening: (url) => head(url, { path: '/slow/large' }),
    drip: 'GET / HTTP/1.1\r\nhost: x\r\n\r\n',
    reads: false,
  },
]

const untilAllAreGone = async (server: RunningS3Server): Promise<void> => {
  for (let tries = 0; server.status().connections > 0; tries++) {
    assert.ok(tries < 1000, 'the connection is still there')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Resolves when the server has hung up. */
const attack = async (server: RunningS3Server, { opening, drip, reads = true }: Attack): Promise<void> => {
  const socket = connect(server.port, '127.0.0.1')
  socket.on('error', () => undefined)
  if (reads) socket.resume()
  await once(socket, 'connect')
  socket.write(opening(server.url))
  const dripping = drip === undefined ? undefined : setInterval(() => socket.write(drip), 20)
  await untilAllAreGone(server).finally(() => {
    clearInterval(dripping)
    socket.destroy()
  })
}

test('no state of a connection lets a client be slow without limit', async (t) => {
  const clientLimits = { head: 300, silence: 300, drain: 300, rate: { bytesPerSecond: 4096, window: 300 } }
  await using running = await startRunningServer({ clientLimits })
  const { url } = running.server
  await send(url, { method: 'PUT', path: '/slow' })
  // More than the system takes for a client that does not read.
  const large = Buffer.alloc(24 * 1024 ** 2, 'x')
  await send(url, { method: 'PUT', path: '/slow/large', body: large })
  await untilAllAreGone(running.server)
  for (const each of ATTACKS) await t.test(each.name, () => attack(running.server, each))
  assert.equal((await send(url, { path: '/slow/large' })).body.length, large.length)
})

test('one address can not have all connections, and gets some again when it lets go of them', async () => {
  await using running = await startRunningServer({ maxConnectionsPerAddress: 2 })
  const { url, port } = running.server
  const idle = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')]
  await Promise.all(idle.map((socket) => once(socket, 'connect')))
  await assert.rejects(send(url, { path: '/' }), { code: 'ECONNRESET' })
  assert.equal(running.server.status().refusedConnections, 1)
  for (const socket of idle) socket.destroy()
  await untilAllAreGone(running.server)
  assert.equal((await send(url, { path: '/' })).status, 200)
})

test('the local socket answers while strangers have all connections, and asks for the same signature', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 's3-own-'))
  const socketPath = join(folder.path, 's3.sock')
  await using running = await startRunningServer({ socketPath, maxConnections: 3 })
  const { url, port } = running.server
  const strangers = [0, 1, 2].map(() => connect(port, '127.0.0.1'))
  await Promise.all(strangers.map((socket) => once(socket, 'connect')))
  await assert.rejects(send(url, { path: '/' }), { code: 'ECONNRESET' })
  const ask = async (headers: Record<string, string>): Promise<number | undefined> => {
    const asked = httpRequest({ socketPath, path: '/', headers })
    asked.end()
    const [answer] = (await once(asked, 'response')) as [{ statusCode?: number; resume: () => void }]
    answer.resume()
    return answer.statusCode
  }
  assert.equal(await ask({ host: new URL(url).host, ...sign(url, { path: '/' }).headers }), 200)
  assert.equal(await ask({ host: new URL(url).host }), 403)
  for (const socket of strangers) socket.destroy()
})
