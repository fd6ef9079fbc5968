import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { createApp } from './app.ts'
import { AppError } from '../errors/app-error.ts'
import { testCertificate } from '../tls/test-certificate.ts'

const LIMITS = { perAddress: 20, unread: 1500, request: 600, idle: 600 }

let app: FastifyInstance
let port: number

before(async () => {
  app = createApp({ logger: pino({ level: 'silent' }), trustedProxies: 0, connections: LIMITS })
  app.get('/large', async () => 'x'.repeat(50_000_000))
  app.get('/small', async () => 'ok')
  app.post('/read', async () => 'ok')
  app.post('/refused', {
    onRequest: async () => {
      throw new AppError('unauthenticated')
    },
    handler: async () => 'never',
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  port = (app.server.address() as AddressInfo).port
})
after(() => app.close())

async function open(): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

/** Sends the text, then a byte now and then for as long as the connection lasts; resolves when the server has ended it. */
async function outlast(text: string, dribble: string | undefined, reads = true): Promise<void> {
  const socket = await open()
  if (reads) socket.resume()
  else socket.pause()
  socket.write(text)
  const timer = dribble === undefined ? undefined : setInterval(() => socket.write(dribble), 50)
  try {
    const late = AbortSignal.timeout(20_000)
    await once(socket, 'close', { signal: late })
  } finally {
    clearInterval(timer)
    socket.destroy()
  }
}

const POST = (path: string) =>
  `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 60000\r\n\r\n{`

for (const [what, text, dribble] of [
  ['sends nothing', '', undefined],
  ['sends a head that never ends', 'GET /small HTTP/1.1\r\nhost: x\r\nx: ', 'a'],
  ['sends empty lines', '', '\r\n'],
  ['sends a body that trickles', POST('/read'), ' '],
  ['sends a refused body that trickles', POST('/refused'), ' '],
  ['is idle after an answer', 'GET /small HTTP/1.1\r\nhost: x\r\n\r\n', undefined],
] as const) {
  test(`a client that ${what} is cut off`, () => outlast(text, dribble))
}

test('who sends all of a body that is too large reads afterwards why it was refused', async () => {
  const socket = await open()
  socket.pause()
  const length = 16_000_000
  const head = `POST /read HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`
  const failure = await new Promise((resolve) => socket.write(head + 'x'.repeat(length), resolve))
  assert.equal(failure ?? null, null)
  let answer = ''
  for await (const chunk of socket) answer += String(chunk)
  assert.match(answer, /^HTTP\/1\.1 413 [^]*"code":"payload-too-large"/)
})

test('a client that does not read its answer is cut off', async () => {
  const [connection] = (await Promise.all([once(app.server, 'connection'), requestLarge()]))[0] as [Socket]
  await once(connection, 'close', { signal: AbortSignal.timeout(20_000) })
})

async function requestLarge(): Promise<void> {
  const socket = await open()
  socket.pause()
  socket.write('GET /large HTTP/1.1\r\nhost: x\r\n\r\n')
}

test('a client that reads slowly, but reads, gets its answer', async () => {
  const socket = await open()
  socket.write('GET /large HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
  let bytes = 0
  for await (const chunk of socket) {
    bytes += (chunk as Buffer).length
    if (bytes < 3_000_000) await new Promise((resolve) => setTimeout(resolve, 10))
  }
  assert.ok(bytes > 50_000_000)
})

test('one address has no more connections than it may, and gets new ones once they end', async () => {
  const sockets = await Promise.all(Array.from({ length: LIMITS.perAddress + 10 }, open))
  const isOpen = async (socket: Socket): Promise<boolean> => {
    if (socket.destroyed) return false
    socket.write('GET /small HTTP/1.1\r\nhost: x\r\n\r\n')
    const [outcome] = await Promise.race([
      once(socket, 'data').then(
        () => [true],
        () => [false],
      ),
      once(socket, 'close').then(
        () => [false],
        () => [false],
      ),
    ])
    return outcome!
  }
  const alive = await Promise.all(sockets.map(isOpen))
  assert.equal(alive.filter(Boolean).length, LIMITS.perAddress)
  for (const socket of sockets) socket.destroy()
  for (let tries = 0; tries < 100; tries++) if (await isOpen(await open())) return
  assert.fail('no connection is taken any more')
})

test('with TLS, too, a client that does not read its answer is cut off, and one that never shakes hands', async () => {
  const certificate = testCertificate('localhost')
  const secure = createApp({
    logger: pino({ level: 'silent' }),
    trustedProxies: 0,
    connections: LIMITS,
    certificate,
    strictTransport: true,
  })
  secure.get('/large', async () => 'x'.repeat(50_000_000))
  await secure.listen({ port: 0, host: '127.0.0.1' })
  try {
    const { port: at } = secure.server.address() as AddressInfo
    const options = { port: at, host: '127.0.0.1', servername: 'localhost', ca: certificate.cert }
    const { headers } = await new Promise<IncomingMessage>((resolve, reject) => {
      get({ ...options, path: '/none', agent: false }, resolve).once('error', reject)
    })
    assert.equal(headers['strict-transport-security'], 'max-age=31536000')

    const [[connection], client] = await Promise.all([
      once(secure.server, 'connection') as Promise<[Socket]>,
      (async () => {
        const socket = connectTls(options)
        socket.on('error', () => {}).pause()
        await once(socket, 'secureConnect')
        socket.write('GET /large HTTP/1.1\r\nhost: x\r\n\r\n')
        return socket
      })(),
    ])
    await once(connection, 'close', { signal: AbortSignal.timeout(20_000) })
    client.destroy()
    const silent = connect(at, '127.0.0.1').on('error', () => {})
    await once(silent.resume(), 'close', { signal: AbortSignal.timeout(20_000) })
  } finally {
    await secure.close()
  }
})
