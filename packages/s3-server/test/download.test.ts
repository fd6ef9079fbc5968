import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { connect } from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { send, sign } from './raw-request.ts'
import { startRunningServer } from './running-server.ts'

const SIZE = 12 * 1024 ** 2 + 12_345

/** Reads an object with many pauses, so that the server's pieces wait for the socket. */
const readSlowly = (url: string, path: string, pause: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const { target, headers } = sign(url, { path })
    request({ hostname, port, path: target, headers }, (response) => {
      const pieces: Buffer[] = []
      let sincePause = 0
      response.on('data', (piece: Buffer) => {
        pieces.push(piece)
        sincePause += piece.length
        if (sincePause < pause) return
        sincePause = 0
        response.pause()
        setTimeout(() => response.resume(), 2)
      })
      response.on('error', reject)
      response.on('end', () => resolve(Buffer.concat(pieces)))
    })
      .on('error', reject)
      .end()
  })

test('many who read at once, slowly and quickly, each get their own object whole', async () => {
  await using running = await startRunningServer()
  const { client, server } = running
  await client.send(new CreateBucketCommand({ Bucket: 'many' }))
  const bodies = Array.from({ length: 4 }, () => randomBytes(SIZE))
  for (const [at, body] of bodies.entries()) {
    await client.send(new PutObjectCommand({ Bucket: 'many', Key: `o${at}`, Body: body }))
  }
  const readers = Array.from({ length: 24 }, async (_, reader) => {
    const at = reader % bodies.length
    const got = await readSlowly(server.url, `/many/o${at}`, 100_000 * (1 + (reader % 7)))
    assert.ok(bodies[at]?.equals(got), `reader ${reader}`)
  })
  await Promise.all(readers)
})

test('a client that goes away in the midst of large answers leaves nothing that others would notice', async () => {
  const running = await startRunningServer()
  const { client, server } = running
  await client.send(new CreateBucketCommand({ Bucket: 'gone' }))
  const body = randomBytes(SIZE)
  await client.send(new PutObjectCommand({ Bucket: 'gone', Key: 'o', Body: body }))
  const { target, headers } = sign(server.url, { path: '/gone/o' })
  const head = `GET ${target} HTTP/1.1\r\n${Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`
  for (let round = 0; round < 8; round++) {
    // Two requests in one go: the second answer waits behind the first when the connection ends.
    const socket = connect(server.port, '127.0.0.1', () => socket.write(head + head))
    await new Promise((resolve) => socket.once('data', resolve))
    socket.pause()
    await sleep(5)
    socket.destroy()
  }
  const after = await send(server.url, { path: '/gone/o' })
  assert.ok(after.body.equals(body))
  // Waits for every answer that was begun: one that never ended would show here.
  await running[Symbol.asyncDispose]()
})

test('the bytes of large answers at once are in the access log', async () => {
  const sent: number[] = []
  await using running = await startRunningServer({
    onRequest: ({ operation, ...record }) => {
      if (operation === 'GetObject') sent.push(record.sent)
    },
  })
  const { client, server } = running
  await client.send(new CreateBucketCommand({ Bucket: 'logged' }))
  const body = randomBytes(SIZE)
  await client.send(new PutObjectCommand({ Bucket: 'logged', Key: 'o', Body: body }))
  await Promise.all(Array.from({ length: 12 }, () => send(server.url, { path: '/logged/o' })))
  await running[Symbol.asyncDispose]()
  assert.equal(sent.length, 12)
  for (const bytes of sent) assert.ok(bytes > SIZE && bytes < SIZE + 2000, `${bytes} of ${SIZE}`)
})
