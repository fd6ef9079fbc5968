import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { createLogger } from '../process/logger.ts'
import { createApp } from './app.ts'

const LARGE = { text: 'a name, '.repeat(2000) }

function appWithAnswers() {
  const app = createApp({ logger: createLogger('silent'), trustedProxies: 0 })
  app.get('/large', async () => LARGE)
  app.get('/small', async () => ({ ok: true }))
  app.get('/stream', async (_request, reply) => {
    reply.type('text/csv; charset=utf-8')
    return Readable.from(Array.from({ length: 500 }, (_, i) => `row ${i}\n`))
  })
  app.get('/image', async (_request, reply) => reply.type('image/png').send(Buffer.alloc(5000)))
  app.get('/done', async (_request, reply) => reply.header('content-encoding', 'gzip').send('x'.repeat(5000)))
  return app
}

test('a large answer is compressed in the way that the client prefers', async () => {
  const app = appWithAnswers()
  for (const [accepts, encoding, decode] of [
    ['gzip, deflate, br, zstd', 'br', brotliDecompressSync],
    ['gzip', 'gzip', gunzipSync],
    ['br;q=0.5, gzip;q=1.0', 'gzip', gunzipSync],
    ['br;q=0, *', 'gzip', gunzipSync],
  ] as const) {
    const answer = await app.inject({ url: '/large', headers: { 'accept-encoding': accepts } })
    assert.equal(answer.headers['content-encoding'], encoding, accepts)
    assert.match(String(answer.headers['vary']), /accept-encoding/)
    assert.equal(Number(answer.headers['content-length']), answer.rawPayload.length)
    assert.deepEqual(JSON.parse(decode(answer.rawPayload).toString()), LARGE)
  }
})

test('a stream is compressed as it goes', async () => {
  const answer = await appWithAnswers().inject({ url: '/stream', headers: { 'accept-encoding': 'gzip' } })
  assert.equal(answer.headers['content-encoding'], 'gzip')
  assert.equal(gunzipSync(answer.rawPayload).toString().split('\n').length, 501)
})

test('what is small, compressed already, no text, or not wanted stays as it is', async () => {
  const app = appWithAnswers()
  for (const [url, accepts, encoding] of [
    ['/small', 'br', undefined],
    ['/image', 'br', undefined],
    ['/done', 'br', 'gzip'],
    ['/large', 'identity', undefined],
    ['/large', 'gzip;q=0', undefined],
  ] as const) {
    const answer = await app.inject({ url, headers: { 'accept-encoding': accepts } })
    assert.equal(answer.headers['content-encoding'], encoding, `${url} for ${accepts}`)
  }
})
