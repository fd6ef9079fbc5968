import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { Agent, createServer, get } from 'node:http'
import type { IncomingMessage, RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { sumTable } from '../../test/sum-table.ts'
import { BufferPool } from '../memory/buffer-pool.ts'
import { Turns } from '../memory/turns.ts'
import { SendThreads } from '../sending/send-threads.ts'
import { FRAME_BYTES } from '../store/blobs/blob-cipher.ts'
import { makeBlobId } from '../store/blobs/blob-id.ts'
import { FrameSummers, FrameSums } from '../store/blobs/frame-sums.ts'
import { readStored } from '../store/blobs/read-stored.ts'
import type { Outlet, PieceStream } from '../store/blobs/read-stored.ts'
import { writeReply } from './write-reply.ts'

const id = makeBlobId(0)
const bytes = randomBytes(200 * FRAME_BYTES + 77)
const pool = new BufferPool()
const summers = new FrameSummers(pool)
const sums = new FrameSums('xxh3', id, summers)
const reading = { pool, turns: new Turns(4) }

let directory = ''
let path = ''
const threads = new SendThreads()
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skycrate-reply-'))
  path = join(directory, 'stored')
  await writeFile(path, Buffer.concat([bytes, sumTable(bytes, sums)]))
})
after(async () => {
  await threads.close()
  await rm(directory, { recursive: true, force: true })
})

const read = (outlet?: Outlet): PieceStream =>
  readStored(() => open(path), { id, size: bytes.length, sums: 'xxh3' }, 0, bytes.length, sums, reading, outlet)

const serve = async (listener: RequestListener, idle = 60_000) => {
  const server = createServer(listener)
  server.timeout = idle
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const { port } = server.address() as AddressInfo
  const ask = async (): Promise<IncomingMessage> => {
    const [response] = (await once(get({ port, host: '127.0.0.1', agent }), 'response')) as [IncomingMessage]
    return response
  }
  return {
    ask,
    [Symbol.asyncDispose]: async () => {
      agent.destroy()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const bodyOf = async (response: IncomingMessage): Promise<Buffer> => {
  const pieces: Buffer[] = []
  for await (const piece of response) pieces.push(piece as Buffer)
  return Buffer.concat(pieces)
}

test('what threads send and what the event loop writes come in their order, one answer after another', async () => {
  let inThreads = 0
  let written = 0
  let answered = Promise.resolve()
  await using served = await serve((request, response) => {
    const { bytesWritten } = request.socket
    const body = { kind: 'stream', length: bytes.length, read, release: () => undefined } as const
    const sending = { threads, onSent: (sent: number) => (inThreads += sent) }
    answered = writeReply(response, { status: 200, body }, sending).then(() => {
      written += request.socket.bytesWritten - bytesWritten
    })
  })
  // Alone a stream is not offered to the threads.
  assert.ok(bytes.equals(await bodyOf(await served.ask())))
  await answered
  assert.equal(inThreads, 0)
  assert.ok(written > bytes.length)
  using _other = threads.enter()
  written = 0
  for (let round = 1; round <= 5; round++) {
    assert.ok(bytes.equals(await bodyOf(await served.ask())), `round ${round}`)
    await answered
    assert.ok(inThreads > 0)
    assert.ok(inThreads + written > round * bytes.length && inThreads + written < round * (bytes.length + 1000))
  }
})

test('a connection is not idle while threads send on it', async () => {
  using _other = threads.enter()
  const times = 150
  const part = 64 * FRAME_BYTES
  let inThreads = 0
  await using served = await serve((_request, response) => {
    const body = async function* (outlet?: Outlet): PieceStream {
      await using file = await open(path)
      yield bytes.subarray(0, part)
      for (let round = 0; round < times; round++) {
        for (let at = 0; at < part;) {
          if (response.destroyed) throw new Error('the connection was cut')
          at += (await outlet?.take({ file: file.fd, id, size: bytes.length, sums: 'xxh3', start: at, end: part })) ?? 0
        }
      }
    }
    const sending = { threads, onSent: (sent: number) => (inThreads += sent) }
    const reply = { kind: 'stream', length: (times + 1) * part, read: body, release: () => undefined } as const
    void writeReply(response, { status: 200, body: reply }, sending).catch(() => undefined)
  }, 60)
  const began = performance.now()
  let received = 0
  for await (const piece of await served.ask()) received += (piece as Buffer).length
  assert.equal(received, (times + 1) * part)
  assert.ok(inThreads > 0.5 * received)
  assert.ok(performance.now() - began > 120, 'it took long enough to tell')
})
