import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sumTable } from '../../test/sum-table.ts'
import { BufferPool } from '../memory/buffer-pool.ts'
import { FRAME_BYTES } from '../store/blobs/blob-cipher.ts'
import { makeBlobId } from '../store/blobs/blob-id.ts'
import { FrameSummers, FrameSums } from '../store/blobs/frame-sums.ts'
import type { FileRange } from '../store/blobs/read-stored.ts'
import { SendThreads } from './send-threads.ts'

const FRAMES = 120
const id = makeBlobId(0)
const bytes = randomBytes(FRAMES * FRAME_BYTES)

let directory = ''
const threads = new SendThreads()
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skycrate-send-'))
})
after(async () => {
  await threads.close()
  await rm(directory, { recursive: true, force: true })
})

/** A stored file, open. */
const openStored = async (stored: Buffer = bytes) => {
  const sums = new FrameSums('xxh3', id, new FrameSummers(new BufferPool()))
  const path = join(directory, 'stored')
  await writeFile(path, Buffer.concat([stored, sumTable(bytes, sums)]))
  const handle = await open(path, 'r+')
  const range = (start: number, end: number): FileRange => ({
    file: handle.fd,
    id,
    size: bytes.length,
    sums: 'xxh3',
    start,
    end,
  })
  return { path, handle, range, [Symbol.asyncDispose]: () => handle.close() }
}

/** Both ends of a connection. */
const openConnection = async () => {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [served] = (await once(server, 'connection')) as [Socket]
  for (const socket of [client, served]) socket.on('error', () => undefined)
  served.resume()
  return {
    client,
    served,
    [Symbol.asyncDispose]: async () => {
      client.destroy()
      served.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

const write = (socket: Socket, piece: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.write(piece, (error) => {
      if (error) reject(error)
      else resolve()
    })
  })

const collect = (socket: Socket): Buffer[] => {
  const pieces: Buffer[] = []
  socket.on('data', (piece: Buffer) => pieces.push(piece))
  return pieces
}

const descriptors = async (): Promise<number> => (await readdir('/proc/self/fd')).length

test('a range arrives as it lies in the file, whether the client is quick or slow', async () => {
  await using stored = await openStored()
  for (const pause of [0, 3]) {
    for (const from of [0, 1, FRAME_BYTES - 1, FRAME_BYTES, 5 * FRAME_BYTES + 4321]) {
      await using connection = await openConnection()
      const { client, served } = connection
      const pieces = collect(client)
      if (pause > 0) {
        client.on('data', () => {
          client.pause()
          setTimeout(() => client.resume(), pause)
        })
      }
      using sender = await threads.open(served)
      assert.ok(sender)
      let at = from
      let calls = 0
      let inThread = 0
      while (at < bytes.length) {
        const range = stored.range(at, Math.min(bytes.length, (Math.floor(at / FRAME_BYTES) + 64) * FRAME_BYTES))
        const { sent, rest } = await sender.send(range)
        assert.ok(rest.length <= FRAME_BYTES && sent + rest.length > 0)
        if (rest.length > 0) await write(served, rest)
        at += sent + rest.length
        inThread += sent
        calls += 1
      }
      served.end()
      if (!client.readableEnded) await once(client, 'end')
      assert.ok(Buffer.concat(pieces).equals(bytes.subarray(from)), `from ${from}, pauses of ${pause} ms`)
      assert.ok(inThread > 0 && calls < 200)
    }
  }
})

test('nothing waits for a client that does not read', async () => {
  await using stored = await openStored()
  await using connection = await openConnection()
  const { client, served } = connection
  client.pause()
  using sender = await threads.open(served)
  assert.ok(sender)
  let at = 0
  let rest: Uint8Array
  do {
    const answer = await sender.send(stored.range(at, bytes.length))
    at += answer.sent
    ;({ rest } = answer)
  } while (rest.length === 0 && at < bytes.length)
  assert.ok(at < bytes.length, 'the system takes less than 8 MB for a client')
  assert.ok(bytes.subarray(at, at + rest.length).equals(rest))
  // Others are served meanwhile.
  await using other = await openConnection()
  other.client.resume()
  using otherSender = await threads.open(other.served)
  assert.ok(((await otherSender?.send(stored.range(0, 16 * FRAME_BYTES)))?.sent ?? 0) > 0)
})

test('not a byte of a damaged frame is sent, nor of what was taken for its neighbour', async () => {
  const damaged = Buffer.from(bytes)
  damaged[20 * FRAME_BYTES + 17] = (damaged[20 * FRAME_BYTES + 17] ?? 0) ^ 1
  await using stored = await openStored(damaged)
  await using connection = await openConnection()
  const { client, served } = connection
  const pieces = collect(client)
  using sender = await threads.open(served)
  assert.ok(sender)
  const answer = await sender.send(stored.range(0, bytes.length))
  assert.ok(answer.sent <= 20 * FRAME_BYTES)
  assert.equal((await sender.send(stored.range(20 * FRAME_BYTES, bytes.length))).sent, 0)
  const other = { ...stored.range(0, bytes.length), id: makeBlobId(1) }
  assert.equal((await sender.send(other)).sent, 0)
  const cut = { ...stored.range(0, bytes.length), size: bytes.length + FRAME_BYTES }
  assert.equal((await sender.send(cut)).sent, 0)
  served.end()
  if (!client.readableEnded) await once(client, 'end')
  assert.equal(Buffer.concat(pieces).length, answer.sent)
})

test('what would have to come from the disk is left to others', async () => {
  await using stored = await openStored()
  await using connection = await openConnection()
  connection.client.resume()
  using sender = await threads.open(connection.served)
  assert.ok(((await sender?.send(stored.range(0, 16 * FRAME_BYTES)))?.sent ?? 0) > 0)
  await stored.handle.sync()
  execFileSync('dd', [`if=${stored.path}`, 'iflag=nocache', 'count=0', 'status=none'])
  assert.equal((await sender?.send(stored.range(0, 16 * FRAME_BYTES)))?.sent, 0)
})

test('a client that went away gets nothing, and no descriptor stays behind', async () => {
  await using stored = await openStored()
  // Their threads have a few of their own.
  for (let round = 0; round < 4; round++) {
    await using connection = await openConnection()
    ;(await threads.open(connection.served))?.[Symbol.dispose]()
  }
  const before = await descriptors()
  for (let round = 0; round < 20; round++) {
    await using connection = await openConnection()
    const { client, served } = connection
    const opening = threads.open(served)
    if (round % 2 === 0) {
      // Its descriptor may become the next connection's before the thread looks at it.
      served.destroy()
      await using next = await openConnection()
      const nextPieces = collect(next.client)
      assert.equal(await opening, undefined)
      await sleep(1)
      assert.equal(nextPieces.length, 0)
      continue
    }
    using sender = await opening
    assert.ok(sender)
    client.destroy()
    await once(served, 'close')
    let sent = 0
    // The first may still be taken: the system does not know yet.
    for (let again = 0; again < 3; again++) ({ sent } = await sender.send(stored.range(0, bytes.length)))
    assert.equal(sent, 0)
  }
  for (let wait = 0; wait < 100 && (await descriptors()) > before; wait++) await sleep(10)
  assert.ok((await descriptors()) <= before)
})

test('encrypted connections and closed threads are left to the ordinary way', async () => {
  await using connection = await openConnection()
  assert.equal(await threads.open(Object.assign(connection.served, { encrypted: true })), undefined)
  await using plain = await openConnection()
  const others = new SendThreads()
  await others.close()
  assert.equal(await others.open(plain.served), undefined)
})

test('when a thread ends amid a range, nobody takes the rest for unsent', async () => {
  await using stored = await openStored()
  await using connection = await openConnection()
  connection.client.resume()
  const others = new SendThreads()
  using sender = await others.open(connection.served)
  assert.ok(sender)
  const sending = Array.from({ length: 50 }, () => sender.send(stored.range(0, bytes.length)))
  await others.close()
  await assert.rejects(Promise.all(sending), /has ended/)
  await assert.rejects(sender.send(stored.range(0, bytes.length)), /has ended/)
})
