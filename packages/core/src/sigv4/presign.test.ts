import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPresigner, type PresignInput, type PresignerOptions } from './presign.ts'

const options: PresignerOptions = {
  endpoint: 'https://s3.example.com',
  region: 'us-east-1',
  credentials: { accessKeyId: 'AKIA', secretAccessKey: 'secret' },
  addressing: 'virtual',
}
const input: PresignInput = { method: 'GET', bucket: 'bucket', key: 'a/../b', expiresIn: 60, now: 1_767_225_600_123 }
const presign = (of: Partial<PresignerOptions>, what: Partial<PresignInput> = {}) =>
  createPresigner({ ...options, ...of }).presign({ ...input, ...what })

const places: readonly (readonly [string, Partial<PresignerOptions>, Partial<PresignInput>, string])[] = [
  ['virtual', {}, {}, 'https://bucket.s3.example.com/a/../b'],
  ['path', { addressing: 'path' }, {}, 'https://s3.example.com/bucket/a/../b'],
  ['a bucket with a dot', {}, { bucket: 'a.b' }, 'https://s3.example.com/a.b/a/../b'],
  ['a port', { endpoint: 'http://localhost:9000/' }, {}, 'http://bucket.localhost:9000/a/../b'],
  ["the scheme's own port", { endpoint: 'https://s3.example.com:443' }, {}, 'https://bucket.s3.example.com/a/../b'],
  ['an IPv4 address', { endpoint: 'http://127.0.0.1:9000' }, {}, 'http://127.0.0.1:9000/bucket/a/../b'],
  ['an IPv6 address', { endpoint: 'http://[::1]:9000' }, {}, 'http://[::1]:9000/bucket/a/../b'],
  ['a prefix', { endpoint: 'https://h/s3/', addressing: 'path' }, {}, 'https://h/s3/bucket/a/../b'],
  ['a bucket alone', {}, { key: '' }, 'https://bucket.s3.example.com/'],
  ['a bucket alone, by path', { addressing: 'path' }, { key: '' }, 'https://s3.example.com/bucket'],
  ['a leading slash', {}, { key: '/a' }, 'https://bucket.s3.example.com//a'],
]
for (const [name, of, what, expected] of places) {
  test(`the URL's place: ${name}`, () => {
    assert.equal(presign(of, what).url.split('?')[0], expected)
  })
}

test('the URL expires as many seconds after the second of signing as asked', () => {
  const { url, expiresAt } = presign({})
  assert.equal(expiresAt, 1_767_225_660_000)
  assert.match(url, /X-Amz-Date=20260101T000000Z&X-Amz-Expires=60&/)
})

test('a URL signed in another second or on another day is another', () => {
  const presigner = createPresigner(options)
  const at = (now: number) => presigner.presign({ ...input, now }).url
  const first = at(input.now)
  assert.equal(at(input.now + 500), first)
  assert.notEqual(at(input.now + 1000), first)
  const tomorrow = at(input.now + 86_400_000)
  assert.equal(tomorrow, createPresigner(options).presign({ ...input, now: input.now + 86_400_000 }).url)
  assert.equal(at(input.now), first)
})

test('headers are signed and given back in the form in which they must be sent', () => {
  const { url, headers } = presign({}, { method: 'PUT', headers: { 'Content-Type': ' a/b ', 'if-none-match': '*' } })
  assert.deepEqual(headers, { 'content-type': 'a/b', 'if-none-match': '*' })
  assert.match(url, /&X-Amz-SignedHeaders=content-type%3Bhost%3Bif-none-match&/)
  assert.deepEqual(presign({}).headers, {})
})

test('a session token is in the query', () => {
  const { url } = presign({ credentials: { ...options.credentials, sessionToken: 'a+b/c=' } })
  assert.match(url, /&X-Amz-Security-Token=a%2Bb%2Fc%3D&X-Amz-SignedHeaders=host&X-Amz-Signature=/)
})

test('query parameters are put in their canonical place', () => {
  const query = { versionId: 'v', 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD', partNumber: '1', A: '=' }
  const names = new URL(presign({}, { query }).url).search
    .slice(1)
    .split('&')
    .map((pair) => pair.split('=')[0])
  assert.deepEqual(names, [
    'A',
    'X-Amz-Algorithm',
    'X-Amz-Content-Sha256',
    'X-Amz-Credential',
    'X-Amz-Date',
    'X-Amz-Expires',
    'X-Amz-SignedHeaders',
    'partNumber',
    'versionId',
    'X-Amz-Signature',
  ])
})

for (const expiresIn of [0, -1, 1.5, 604_801, Number.NaN, Number.POSITIVE_INFINITY]) {
  test(`expiresIn ${expiresIn} is refused`, () => {
    assert.throws(() => presign({}, { expiresIn }), RangeError)
  })
}

test('what signing sets itself can be given neither as a header nor as a parameter', () => {
  assert.throws(() => presign({}, { headers: { Host: 'elsewhere' } }), RangeError)
  assert.throws(() => presign({}, { headers: { a: '1', A: '2' } }), RangeError)
  for (const name of ['X-Amz-Signature', 'x-amz-signature', 'X-Amz-Expires', 'X-Amz-Security-Token']) {
    assert.throws(() => presign({}, { query: { [name]: '1' } }), RangeError)
  }
})

for (const endpoint of ['ftp://h', 'https://h?a', 'https://h#a', 'https://u:p@h']) {
  test(`the endpoint ${endpoint} is refused`, () => {
    assert.throws(() => presign({ endpoint }), RangeError)
  })
}
