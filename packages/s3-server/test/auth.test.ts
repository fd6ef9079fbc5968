import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPresigner } from '@skycrate/core/sigv4/presign'
import { CREDENTIALS, startRunningServer } from './running-server.ts'
import { send, sendUnsigned, sign } from './raw-request.ts'
import type { RawRequest } from './raw-request.ts'

const MINUTE = 60_000

test('only requests that the root key really signed are answered', async (t) => {
  await using running = await startRunningServer()
  const { url } = running.server
  await send(url, { method: 'PUT', path: '/auth' })
  await send(url, { method: 'PUT', path: '/auth/o', body: 'secret bytes' })
  const get: RawRequest = { path: '/auth/o', query: [['x-id', 'GetObject']] }

  const refusals: [name: string, code: string, send: () => Promise<{ status: number; code: string; text: string }>][] =
    [
      ['no signature', 'AccessDenied', () => sendUnsigned(url, 'GET', '/auth/o')],
      ['no signature on a list of buckets', 'AccessDenied', () => sendUnsigned(url, 'GET', '/')],
      ['no signature on a write', 'AccessDenied', () => sendUnsigned(url, 'PUT', '/auth/new', {}, 'x')],
      [
        'a wrong secret',
        'SignatureDoesNotMatch',
        () => send(url, { ...get, credentials: { ...CREDENTIALS, secretAccessKey: 'guessed' } }),
      ],
      [
        'an unknown key',
        'InvalidAccessKeyId',
        () => send(url, { ...get, credentials: { ...CREDENTIALS, accessKeyId: 'AKIAOTHER' } }),
      ],
      ['a time 16 minutes ago', 'RequestTimeTooSkewed', () => send(url, { ...get, now: Date.now() - 16 * MINUTE })],
      ['a time 16 minutes ahead', 'RequestTimeTooSkewed', () => send(url, { ...get, now: Date.now() + 16 * MINUTE })],
      [
        'a link of Signature Version 2',
        'InvalidRequest',
        () => sendUnsigned(url, 'GET', '/auth/o?AWSAccessKeyId=AKIATESTROOT&Signature=c2ln&Expires=1999999999'),
      ],
      ['another region', 'AuthorizationHeaderMalformed', () => send(url, { ...get, region: 'eu-west-1' })],
      [
        'a changed query',
        'SignatureDoesNotMatch',
        () => {
          const { target, headers } = sign(url, get)
          return sendUnsigned(url, 'GET', `${target}&versionId=1`, headers)
        },
      ],
      [
        'a changed path',
        'SignatureDoesNotMatch',
        () => sendUnsigned(url, 'GET', '/auth/other', sign(url, { path: '/auth/o' }).headers),
      ],
      [
        'a changed method',
        'SignatureDoesNotMatch',
        () => sendUnsigned(url, 'DELETE', '/auth/o', sign(url, { path: '/auth/o' }).headers),
      ],
      [
        'an added x-amz header',
        'AccessDenied',
        () =>
          sendUnsigned(url, 'GET', '/auth/o', { ...sign(url, { path: '/auth/o' }).headers, 'x-amz-acl': 'private' }),
      ],
      [
        'a changed signed header',
        'SignatureDoesNotMatch',
        () => {
          const { headers } = sign(url, { path: '/auth/o', headers: { range: 'bytes=0-1' } })
          return sendUnsigned(url, 'GET', '/auth/o', { ...headers, range: 'bytes=0-9' })
        },
      ],
      [
        'a body other than the one that was signed',
        'XAmzContentSHA256Mismatch',
        () => {
          const { headers } = sign(url, { method: 'PUT', path: '/auth/o', body: 'one' })
          return sendUnsigned(url, 'PUT', '/auth/o', headers, 'two')
        },
      ],
      [
        'no payload hash',
        'InvalidRequest',
        () => {
          const { 'x-amz-content-sha256': _, ...headers } = sign(url, { path: '/auth/o' }).headers
          return sendUnsigned(url, 'GET', '/auth/o', headers)
        },
      ],
    ]
  for (const [name, code, attempt] of refusals) {
    await t.test(`refused: ${name}`, async () => {
      const got = await attempt()
      assert.equal(got.code, code)
      assert.ok(!got.text.includes('secret bytes'))
    })
  }
  assert.equal((await send(url, get)).text, 'secret bytes')
  assert.equal((await send(url, { path: '/auth', query: [['list-type', '2']] })).text.match(/<Key>/g)?.length, 1)
})

test('a presigned URL works until it expires, and for what it was made for alone', async () => {
  let now = Date.now()
  await using running = await startRunningServer({ now: () => now })
  const { url } = running.server
  await send(url, { method: 'PUT', path: '/pre', now })
  const presigner = createPresigner({
    endpoint: url,
    region: 'us-east-1',
    credentials: CREDENTIALS,
    addressing: 'path',
  })
  const made = (method: string, expiresIn = 60): string => {
    const { url: signed } = presigner.presign({ method, bucket: 'pre', key: 'a/../ü b', expiresIn, now })
    return signed.slice(url.length)
  }
  const put = made('PUT')
  assert.equal((await sendUnsigned(url, 'PUT', put, {}, 'presigned bytes')).status, 200)
  const get = made('GET')
  assert.equal((await sendUnsigned(url, 'GET', get)).text, 'presigned bytes')
  // A browser's own Authorization header does not count beside it.
  assert.equal((await sendUnsigned(url, 'GET', get, { authorization: 'Bearer x' })).status, 200)
  assert.equal((await sendUnsigned(url, 'DELETE', get)).code, 'SignatureDoesNotMatch')
  assert.equal(
    (await sendUnsigned(url, 'GET', get.replace('Expires=60', 'Expires=6000'))).code,
    'SignatureDoesNotMatch',
  )
  assert.equal((await sendUnsigned(url, 'GET', get.replace('%20b', '%20c'))).code, 'SignatureDoesNotMatch')
  assert.equal((await sendUnsigned(url, 'GET', `${get}&response-content-type=text/html`)).code, 'SignatureDoesNotMatch')
  now += 61_000
  const expired = await sendUnsigned(url, 'GET', get)
  assert.equal(expired.status, 403)
  assert.equal(expired.code, 'AccessDenied')
  assert.match(expired.text, /Request has expired/)
})

test('headers that a signer moved into the presigned query count as headers', async () => {
  await using running = await startRunningServer()
  const { url } = running.server
  await send(url, { method: 'PUT', path: '/pre' })
  const presigner = createPresigner({
    endpoint: url,
    region: 'us-east-1',
    credentials: CREDENTIALS,
    addressing: 'path',
  })
  const { url: signed } = presigner.presign({
    method: 'PUT',
    bucket: 'pre',
    key: 'o',
    expiresIn: 60,
    now: Date.now(),
    query: { 'x-amz-meta-colour': 'blü', 'x-amz-server-side-encryption': 'AES256' },
  })
  assert.equal((await sendUnsigned(url, 'PUT', signed.slice(url.length), {}, 'x')).status, 200)
  const head = await send(url, { method: 'HEAD', path: '/pre/o' })
  const bytes = Buffer.from('blü').toString('latin1')
  assert.equal(head.headers['x-amz-meta-colour'], `=?UTF-8?B?${Buffer.from(bytes).toString('base64')}?=`)
  assert.equal(head.headers['x-amz-server-side-encryption'], 'AES256')
})

test('records of requests hold no signature and no secret', async () => {
  const records: unknown[] = []
  await using running = await startRunningServer({ onRequest: (record) => records.push(record) })
  const { url } = running.server
  const presigner = createPresigner({
    endpoint: url,
    region: 'us-east-1',
    credentials: CREDENTIALS,
    addressing: 'path',
  })
  const signed = presigner.presign({ method: 'GET', bucket: 'none', key: 'k', expiresIn: 60, now: Date.now() }).url
  const missing = await sendUnsigned(url, 'GET', signed.slice(url.length))
  assert.equal(missing.code, 'NoSuchBucket')
  assert.doesNotMatch(missing.text, /Signature/)
  await send(url, { path: '/none/k' })
  const text = JSON.stringify(records)
  assert.equal(records.length, 2)
  assert.doesNotMatch(text, /Signature|AWS4-HMAC|secret of the root/)
})
