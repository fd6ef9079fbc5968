import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { connect, type TLSSocket } from 'node:tls'
import { createPresigner } from '@skycrate/core/sigv4/presign'
import { startS3Server } from '@skycrate/s3-server/server'
import { testCertificate } from '../src/tls/test-certificate.ts'

const LIMITS = { head: 2000, silence: 60_000, drain: 60_000, rate: { bytesPerSecond: 1, window: 60_000 } }

const CREDENTIALS = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' }

/** Of a list whose answer is a refusal, which is enough to be watched. */
const GET = 'GET /nothing HTTP/1.1\r\nhost: localhost\r\n\r\n'

test('the store watches connections with TLS as it does those without, and tells new ones a renewed certificate', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'skycrate-store-'))
  const one = testCertificate('localhost')
  const two = testCertificate('localhost')
  const server = await startS3Server({
    dataDir: folder.path,
    host: '127.0.0.1',
    port: 0,
    credentials: CREDENTIALS,
    clientLimits: LIMITS,
    maxConnectionsPerAddress: 5,
    tls: one,
  })
  const open = async (ca: string): Promise<TLSSocket> => {
    const socket = connect({ port: server.port, host: '127.0.0.1', servername: 'localhost', ca })
    socket.on('error', () => undefined)
    await once(socket, 'secureConnect')
    return socket
  }
  try {
    assert.match(server.url, /^https:/)
    const kept = await open(one.cert)
    kept.write(GET)
    await once(kept, 'data')
    assert.throws(() => server.renewTls({ cert: two.cert, key: one.key }))
    server.renewTls(two)
    kept.write(GET)
    const [answer] = (await once(kept, 'data')) as [Buffer]
    assert.match(String(answer), /^HTTP\/1.1 403 /)
    await assert.rejects(open(one.cert), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    const fresh = await open(two.cert)

    // An upload may take longer than a head; a connection that asks nothing is hung up on.
    const endpoint = `https://localhost:${server.port}`
    const presigner = createPresigner({ endpoint, region: 'us-east-1', credentials: CREDENTIALS, addressing: 'path' })
    const put = (key: string, length: number): string => {
      const signed = presigner.presign({ method: 'PUT', bucket: 'homes', key, expiresIn: 600, now: Date.now() })
      const { pathname, search } = new URL(signed.url)
      return `PUT ${pathname}${search} HTTP/1.1\r\nhost: localhost:${server.port}\r\ncontent-length: ${length}\r\n\r\n`
    }
    fresh.write(put('', 0))
    assert.match(String((await once(fresh, 'data'))[0]), /^HTTP\/1.1 200 /)
    const slow = await open(two.cert)
    slow.write(put('slow.txt', 15))
    const done = once(slow, 'data', { signal: AbortSignal.timeout(30_000) })
    for (let sent = 0; sent < 15; sent++) {
      slow.write('x')
      await setTimeout(200)
    }
    assert.match(String((await done)[0]), /^HTTP\/1.1 200 /)
    slow.destroy()
    for (const socket of [kept, fresh])
      if (!socket.closed) await once(socket.resume(), 'close', { signal: AbortSignal.timeout(30_000) })

    const many = await Promise.allSettled(Array.from({ length: 12 }, () => open(two.cert)))
    const held = many.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
    assert.ok(held.length <= 5, `${held.length} connections`)
    for (const socket of held) socket.destroy()
  } finally {
    await server.close()
  }
})
