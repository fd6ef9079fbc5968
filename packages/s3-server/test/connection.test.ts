import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { send, sign } from './raw-request.ts'
import type { RawRequest } from './raw-request.ts'
import { startRunningServer } from './running-server.ts'

/** A connection on which bytes are written as they are, and answers read as they come. */
class Wire implements Disposable {
  readonly #socket: Socket
  #received = ''
  #closed = false

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1')
    this.#socket.on('data', (bytes) => (this.#received += bytes.toString('latin1')))
    this.#socket.on('close', () => (this.#closed = true))
    this.#socket.on('error', () => undefined)
  }

  write(bytes: string | Buffer): void {
    this.#socket.write(bytes)
  }

  cut(): void {
    this.#socket.destroy()
  }

  async waitFor(pattern: RegExp): Promise<string> {
    for (let tries = 0; tries < 500; tries++) {
      if (pattern.test(this.#received)) return this.#received
      if (this.#closed) break
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    throw new Error(`no ${pattern} in ${JSON.stringify(this.#received.slice(0, 2000))}`)
  }

  async untilClosed(): Promise<string> {
    if (!this.#closed) await once(this.#socket, 'close')
    return this.#received
  }

  forget(): void {
    this.#received = ''
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }
}

const head = (url: string, raw: RawRequest, more: Record<string, string> = {}): string => {
  const { method, target, headers, body } = sign(url, raw)
  const lines = Object.entries({
    host: new URL(url).host,
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
    ...more,
  }).map(([name, value]) => `${name}: ${value}`)
  return `${method} ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`
}

test('a client that waits for 100 Continue is refused before it sends its body', async () => {
  await using running = await startRunningServer()
  const { url, port } = running.server
  using wire = new Wire(port)
  const big = { 'content-length': '4000000000', expect: '100-continue' }
  wire.write(head(url, { method: 'PUT', path: '/none/k', payloadHash: 'UNSIGNED-PAYLOAD' }, big))
  const refused = await wire.untilClosed()
  assert.match(refused, /^HTTP\/1\.1 404/)
  assert.match(refused, /connection: close/i)

  await send(url, { method: 'PUT', path: '/wire' })
  using other = new Wire(port)
  const raw: RawRequest = { method: 'PUT', path: '/wire/k', body: 'hello' }
  other.write(head(url, raw, { expect: '100-continue' }))
  await other.waitFor(/^HTTP\/1\.1 100 Continue\r\n\r\n/)
  other.write('hello')
  await other.waitFor(/HTTP\/1\.1 200/)
  assert.equal((await send(url, { path: '/wire/k' })).text, 'hello')
})

test('a connection goes on after an error, whose body was read and dropped', async () => {
  await using running = await startRunningServer()
  const { url, port } = running.server
  await send(url, { method: 'PUT', path: '/wire' })
  using wire = new Wire(port)
  const body = 'x'.repeat(100_000)
  wire.write(head(url, { method: 'PUT', path: '/none/k', body }) + body)
  await wire.waitFor(/HTTP\/1\.1 404[^]*<\/Error>/)
  wire.forget()
  wire.write(head(url, { method: 'PUT', path: '/wire/k', body, payloadHash: '0'.repeat(64) }) + body)
  await wire.waitFor(/HTTP\/1\.1 400[^]*XAmzContentSHA256Mismatch[^]*<\/Error>/)
  wire.forget()
  wire.write(head(url, { method: 'HEAD', path: '/wire/none' }) + head(url, { path: '/wire/none' }))
  const both = await wire.waitFor(/<\/Error>/)
  assert.equal(both.match(/HTTP\/1\.1 404/g)?.length, 2)
  assert.equal(both.match(/<Error>/g)?.length, 1)
})

test('a refused upload that is large ends its connection instead of being read to its end', async () => {
  await using running = await startRunningServer()
  const { url, port } = running.server
  using wire = new Wire(port)
  wire.write(
    head(url, { method: 'PUT', path: '/none/k', payloadHash: 'UNSIGNED-PAYLOAD' }, { 'content-length': '5000000000' }),
  )
  wire.write(Buffer.alloc(100_000))
  assert.match(await wire.untilClosed(), /^HTTP\/1\.1 404[^]*connection: close/i)
})

test('a client that goes on sending after it was refused can still read why', async () => {
  await using running = await startRunningServer()
  const { url, port } = running.server
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.pause()
  const big = { 'content-length': '5000000000' }
  socket.write(head(url, { method: 'PUT', path: '/none/k', payloadHash: 'UNSIGNED-PAYLOAD' }, big))
  // As a client does that first sends, then reads: the answer is out long before it looks.
  for (let pieces = 0; pieces < 10; pieces++) {
    await new Promise((resolve) => setTimeout(resolve, 30))
    socket.write(Buffer.alloc(10_000))
  }
  let answer = ''
  for await (const piece of socket) answer += String(piece)
  assert.match(answer, /^HTTP\/1\.1 404 [^]*NoSuchBucket/)
})

test('an upload that is cut off leaves nothing', async () => {
  await using running = await startRunningServer()
  const { url, port } = running.server
  await send(url, { method: 'PUT', path: '/wire' })
  using wire = new Wire(port)
  wire.write(
    head(url, { method: 'PUT', path: '/wire/k', payloadHash: 'UNSIGNED-PAYLOAD' }, { 'content-length': '5000000' }),
  )
  wire.write(Buffer.alloc(2_000_000))
  const temporary = async (): Promise<number> => (await readdir(`${running.dataDir}/tmp`)).length
  for (let tries = 0; tries < 300 && (await temporary()) === 0; tries++)
    await new Promise((resolve) => setTimeout(resolve, 10))
  assert.equal(await temporary(), 1)
  wire.cut()
  for (let tries = 0; tries < 300 && (await temporary()) > 0; tries++)
    await new Promise((resolve) => setTimeout(resolve, 10))
  assert.equal(await temporary(), 0)
  assert.equal((await send(url, { path: '/wire/k' })).code, 'NoSuchKey')
})

test('what is no HTTP is told so though more of it comes', async () => {
  await using running = await startRunningServer()
  const attempt = async (): Promise<string> => {
    const socket = connect({ port: running.server.port, host: '127.0.0.1', noDelay: true })
    await once(socket, 'connect')
    socket.pause()
    for (let pieces = 0; pieces < 20; pieces++) {
      socket.write('GET =?x HTTP/1.1\r\nhost: x\r\n\r\n')
      if (pieces % 4 === 0) await new Promise(setImmediate)
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
    let answer = ''
    for await (const piece of socket) answer += String(piece)
    return answer
  }
  for (const answer of await Promise.all(Array.from({ length: 40 }, attempt))) {
    assert.match(answer, /^HTTP\/1\.1 400 [^]*<Error>/)
  }
})

test('what is no HTTP, and too large a head, get an answer and the end of the connection', async () => {
  await using running = await startRunningServer()
  const { url, port } = running.server
  using nonsense = new Wire(port)
  nonsense.write('GARBAGE\r\n\r\n')
  assert.match(await nonsense.untilClosed(), /^HTTP\/1\.1 400[^]*<Error>/)
  using large = new Wire(port)
  large.write(head(url, { path: '/' }, { 'x-large': 'v'.repeat(40_000) }))
  assert.match(await large.untilClosed(), /^HTTP\/1\.1 400[^]*RequestHeaderSectionTooLarge/)
})

test('bad targets are refused as InvalidURI, and bodies without a length as MissingContentLength', async () => {
  await using running = await startRunningServer()
  const { url, port } = running.server
  for (const target of ['/b/%zz', '/b/%ff', '*', '/b/k?x=%e0%80']) {
    using wire = new Wire(port)
    wire.write(`GET ${target} HTTP/1.1\r\nhost: x\r\n\r\n`)
    await wire.waitFor(/HTTP\/1\.1 400[^]*<Code>InvalidURI</)
  }
  await send(url, { method: 'PUT', path: '/wire' })
  using wire = new Wire(port)
  const unsized = head(url, { method: 'PUT', path: '/wire/k', payloadHash: 'UNSIGNED-PAYLOAD' }).replace(
    'content-length: 0',
    'transfer-encoding: chunked',
  )
  wire.write(`${unsized}1\r\nx\r\n0\r\n\r\n`)
  await wire.waitFor(/HTTP\/1\.1 411[^]*MissingContentLength/)
})

test('closing lets an upload in flight finish and takes no more', async () => {
  await using running = await startRunningServer()
  const { url, port } = running.server
  await send(url, { method: 'PUT', path: '/wire' })
  using wire = new Wire(port)
  const body = 'y'.repeat(50_000)
  const bytes = head(url, { method: 'PUT', path: '/wire/k', body }) + body
  wire.write(bytes.slice(0, -10_000))
  await new Promise((resolve) => setTimeout(resolve, 50))
  const closed = running.server.close()
  await assert.rejects(send(url, { path: '/' }))
  wire.write(bytes.slice(-10_000))
  const answer = await wire.waitFor(/HTTP\/1\.1 200/)
  assert.match(answer, /connection: close/i)
  await closed
  await using again = await startRunningServer({ dataDir: running.dataDir })
  assert.equal((await send(again.server.url, { path: '/wire/k' })).text.length, 50_000)
})

test('every answer has a request id, and errors have it in their XML too', async () => {
  await using running = await startRunningServer()
  const { url } = running.server
  const ok = await send(url, { path: '/' })
  assert.match(String(ok.headers['x-amz-request-id']), /^[0-9A-F]{16}$/)
  const error = await send(url, { path: '/none/a%20%26b' })
  assert.match(error.text, new RegExp(`<RequestId>${String(error.headers['x-amz-request-id'])}</RequestId>`))
  assert.match(error.text, /<Resource>\/none\/a%20%26b<\/Resource>/)
  assert.equal(error.headers['content-type'], 'application/xml')
})

test('a client that trickles its body is told that it is too slow, and leaves nothing', async () => {
  await using running = await startRunningServer({ clientLimits: { rate: { bytesPerSecond: 1000, window: 200 } } })
  const { url, port } = running.server
  await send(url, { method: 'PUT', path: '/slow' })
  using wire = new Wire(port)
  wire.write(head(url, { method: 'PUT', path: '/slow/o', body: Buffer.alloc(100_000, 'x') }))
  const trickle = setInterval(() => {
    wire.write('x')
  }, 10)
  const answer = await wire.waitFor(/<Code>[^<]*</).finally(() => {
    clearInterval(trickle)
  })
  assert.match(answer, /^HTTP\/1\.1 400 [^]*<Code>RequestTimeout</)
  await wire.untilClosed()
  assert.deepEqual(await readdir(join(running.dataDir, 'tmp')), [])
  assert.equal((await send(url, { path: '/slow/o' })).code, 'NoSuchKey')
})

test('connections beyond the limit are hung up on, and there is room again when one ends', async () => {
  await using running = await startRunningServer({ maxConnections: 2 })
  const { url, port } = running.server
  const request = `${head(url, { path: '/' })}`
  const open = (): Wire => {
    const wire = new Wire(port)
    wire.write(request)
    return wire
  }
  using first = open()
  await first.waitFor(/200 OK/)
  using second = open()
  await second.waitFor(/200 OK/)
  using third = open()
  assert.equal(await third.untilClosed(), '')
  first.cut()
  for (let tries = 0; ; tries++) {
    using next = open()
    const isServed = await next.waitFor(/200 OK/).then(
      () => true,
      () => false,
    )
    if (isServed) break
    assert.ok(tries < 100)
  }
})
