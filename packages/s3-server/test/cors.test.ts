import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CreateBucketCommand, PutBucketCorsCommand } from '@aws-sdk/client-s3'
import { send, sendUnsigned } from './raw-request.ts'
import type { RawAnswer } from './raw-request.ts'
import { startRunningServer } from './running-server.ts'
import type { RunningServer } from './running-server.ts'

const prepare = async (): Promise<RunningServer> => {
  const running = await startRunningServer()
  await running.client.send(new CreateBucketCommand({ Bucket: 'cors' }))
  await running.client.send(
    new PutBucketCorsCommand({
      Bucket: 'cors',
      CORSConfiguration: {
        CORSRules: [
          {
            AllowedOrigins: ['https://app.example', 'http://*.dev.example'],
            AllowedMethods: ['GET', 'PUT', 'HEAD'],
            AllowedHeaders: ['content-type', 'x-amz-*', 'authorization'],
            ExposeHeaders: ['ETag', 'x-amz-version-id'],
            MaxAgeSeconds: 300,
          },
          { AllowedOrigins: ['*'], AllowedMethods: ['DELETE'] },
        ],
      },
    }),
  )
  return running
}

test('preflights are answered by the rules of the bucket alone', async (t) => {
  await using running = await prepare()
  const cases: [name: string, path: string, headers: Record<string, string>, origin: string | undefined][] = [
    [
      'an allowed origin',
      '/cors/k',
      { origin: 'https://app.example', method: 'PUT', asked: 'Content-Type, X-Amz-Date' },
      'https://app.example',
    ],
    [
      'a presigned target',
      '/cors/k?partNumber=1&uploadId=x&X-Amz-Signature=y',
      { origin: 'https://app.example', method: 'PUT' },
      'https://app.example',
    ],
    ['a wildcard origin', '/cors', { origin: 'http://a.b.dev.example', method: 'GET' }, 'http://a.b.dev.example'],
    ['any origin', '/cors/k', { origin: 'https://evil.example', method: 'DELETE' }, '*'],
    ['another origin', '/cors/k', { origin: 'https://evil.example', method: 'GET' }, undefined],
    ['an origin that only ends alike', '/cors/k', { origin: 'https://app.example.evil', method: 'GET' }, undefined],
    ['another method', '/cors/k', { origin: 'https://app.example', method: 'POST' }, undefined],
    ['another header', '/cors/k', { origin: 'https://app.example', method: 'PUT', asked: 'x-evil' }, undefined],
    ['a bucket that is not there', '/none/k', { origin: 'https://app.example', method: 'PUT' }, undefined],
  ]
  for (const [name, target, { origin = '', method = '', asked }, allowed] of cases) {
    await t.test(name, async () => {
      const got = await sendUnsigned(running.server.url, 'OPTIONS', target, {
        origin,
        'access-control-request-method': method,
        ...(asked === undefined ? {} : { 'access-control-request-headers': asked }),
      })
      assert.equal(got.headers['access-control-allow-origin'], allowed)
      assert.equal(got.status, allowed === undefined ? 403 : 200)
      if (allowed === undefined) assert.equal(got.code, 'AccessForbidden')
      if (asked !== undefined && allowed !== undefined) {
        assert.equal(got.headers['access-control-allow-headers'], asked.toLowerCase())
        assert.equal(got.headers['access-control-max-age'], '300')
      }
    })
  }
  assert.equal((await sendUnsigned(running.server.url, 'OPTIONS', '/cors/k')).status, 400)
})

test('answers and errors carry the headers that let a page read them', async () => {
  await using running = await prepare()
  const { url } = running.server
  const origin = { origin: 'https://app.example' }
  const put = await send(url, { method: 'PUT', path: '/cors/k', body: 'x', headers: origin })
  assert.equal(put.headers['access-control-allow-origin'], 'https://app.example')
  assert.equal(put.headers['access-control-expose-headers'], 'ETag, x-amz-version-id')
  assert.match(put.headers.vary ?? '', /Origin/)
  const missing = await send(url, { path: '/cors/none', headers: origin })
  assert.equal(missing.status, 404)
  assert.equal(missing.headers['access-control-allow-origin'], 'https://app.example')
  const refused = await sendUnsigned(url, 'GET', '/cors/k', origin)
  assert.equal(refused.status, 403)
  assert.equal(refused.headers['access-control-allow-origin'], 'https://app.example')
  const foreign = await send(url, { path: '/cors/k', headers: { origin: 'https://evil.example' } })
  assert.equal(foreign.status, 200)
  assert.equal(foreign.headers['access-control-allow-origin'], undefined)
})

test('every answer of a bucket with rules says what it depends on, with and without an origin', async () => {
  await using running = await prepare()
  const { url } = running.server
  const put = await send(url, { method: 'PUT', path: '/cors/k', body: 'x' })
  const evil = { origin: 'https://evil.example', 'access-control-request-method': 'GET' }
  const match = { 'if-none-match': String(put.headers.etag) }
  const answers: [name: string, status: number, answer: RawAnswer][] = [
    ['an upload', 200, put],
    ['a download', 200, await send(url, { path: '/cors/k' })],
    ['a part of one', 206, await send(url, { path: '/cors/k', headers: { range: 'bytes=0-0' } })],
    ['what has not changed', 304, await send(url, { path: '/cors/k', headers: match })],
    ['a HEAD', 200, await send(url, { method: 'HEAD', path: '/cors/k' })],
    ['what is not there', 404, await send(url, { path: '/cors/none' })],
    ['a refusal', 403, await sendUnsigned(url, 'GET', '/cors/k')],
    ['another origin', 200, await send(url, { path: '/cors/k', headers: { origin: 'https://evil.example' } })],
    ['a list', 200, await send(url, { path: '/cors' })],
    ['what is not known', 501, await send(url, { method: 'PUT', path: '/cors', query: [['none', '']] })],
    ['a refused preflight', 403, await sendUnsigned(url, 'OPTIONS', '/cors/k', evil)],
  ]
  for (const [name, status, { status: got, headers }] of answers) {
    assert.equal(got, status, name)
    assert.equal(headers.vary, 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method', name)
  }
  await send(url, { method: 'PUT', path: '/plain' })
  assert.equal((await send(url, { path: '/plain' })).headers.vary, undefined)
})
