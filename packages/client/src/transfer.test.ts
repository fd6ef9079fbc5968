import assert from 'node:assert/strict'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { createClient } from './client.ts'
import { memoryTokenStore } from './sessions/token-store.ts'

interface Stored {
  readonly headers: IncomingMessage['headers']
  readonly bytes: Buffer
}

/** The API and, on a second port, a store: enough of both to move bytes. */
async function system() {
  const objects = new Map<string, Stored>()
  const vended: unknown[] = []
  const store = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const path = request.url ?? ''
      if (path.includes('refused')) {
        response.writeHead(403).end('<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>')
      } else if (request.method === 'PUT') {
        objects.set(path, { headers: request.headers, bytes: Buffer.concat(chunks) })
        response.writeHead(200).end()
      } else {
        const found = objects.get(path)
        response.writeHead(found ? 200 : 404).end(found?.bytes ?? '<Error><Code>NoSuchKey</Code></Error>')
      }
    })
  })
  const api = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString()))
    request.on('end', () => {
      const asked = JSON.parse(text) as { operation: string; key: string; contentType?: string; contentLength?: number }
      vended.push(asked)
      const put = asked.operation === 'put'
      response.writeHead(200, { 'content-type': 'application/json' }).end(
        JSON.stringify({
          url: `${origin(store)}/bucket/${asked.key}`,
          method: put ? 'PUT' : 'GET',
          headers: put ? { 'content-type': asked.contentType, 'content-length': String(asked.contentLength) } : {},
          expiresAt: '2030-01-01T00:00:00Z',
        }),
      )
    })
  })
  const origin = (server: typeof api): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  for (const server of [api, store]) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    client: createClient({
      baseUrl: origin(api),
      tokens: memoryTokenStore({ accessToken: 't', refreshToken: 'r', accessExpiresAt: Date.now() + 3_600_000 }),
    }),
    objects,
    vended,
    async [Symbol.asyncDispose]() {
      for (const server of [api, store]) {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      }
    },
  }
}

test('what was uploaded comes back as the same bytes, and the store never sees the token', async () => {
  await using running = await system()
  const bytes = crypto.getRandomValues(new Uint8Array(60_000))
  const progress: [number, number][] = []
  await running.client.upload(bytes, {
    bucket: 'bucket',
    key: 'a.bin',
    onProgress: (sent, total) => progress.push([sent, total]),
  })
  assert.deepEqual(progress.at(-1), [60_000, 60_000])
  const { headers } = running.objects.get('/bucket/a.bin')!
  assert.equal(headers['content-type'], 'application/octet-stream')
  assert.equal(headers['content-length'], '60000')
  assert.equal(headers.authorization, undefined)
  const answer = await running.client.download({ bucket: 'bucket', key: 'a.bin' })
  assert.deepEqual(new Uint8Array(await answer.arrayBuffer()), bytes)
})

for (const [source, type, asked, expected] of [
  [new Blob(['x'], { type: 'image/png' }), 'its own type', undefined, 'image/png'],
  [new Blob(['x'], { type: 'image/png' }), 'the type asked for', 'text/plain', 'text/plain'],
  ['é', 'no type, but bytes that are counted', undefined, 'application/octet-stream'],
  ['', 'nothing in it', undefined, 'application/octet-stream'],
] as const) {
  test(`a source with ${type} is signed and sent as ${expected}`, async () => {
    await using running = await system()
    await running.client.upload(source, { bucket: 'bucket', key: 'k', contentType: asked })
    const stored = running.objects.get('/bucket/k')!
    assert.equal(stored.headers['content-type'], expected)
    assert.deepEqual(running.vended, [
      { bucket: 'bucket', key: 'k', operation: 'put', contentType: expected, contentLength: stored.bytes.length },
    ])
  })
}

test("S3's refusal is told with its status and code", async () => {
  await using running = await system()
  await assert.rejects(running.client.upload('x', { bucket: 'bucket', key: 'refused' }), {
    code: 'transfer-failed',
    status: 403,
    detail: 'S3 answered 403 (AccessDenied).',
  })
  await assert.rejects(running.client.download({ bucket: 'bucket', key: 'gone' }), {
    code: 'transfer-failed',
    status: 404,
    detail: 'S3 answered 404 (NoSuchKey).',
  })
})

test('an aborted upload rejects with the reason of its signal', async () => {
  await using running = await system()
  const reason = new Error('enough')
  await assert.rejects(
    running.client.upload('x', { bucket: 'bucket', key: 'k', signal: AbortSignal.abort(reason) }),
    (error) => error === reason,
  )
  assert.equal(running.objects.size, 0)
})
