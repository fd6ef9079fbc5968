import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import {
  CreateBucketCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { encodeKey } from '@skycrate/core/sigv4/encode'
import fc from 'fast-check'
import { send, sendUnsigned, sign } from './raw-request.ts'
import { startRunningServer } from './running-server.ts'

const HOSTILE_KEYS = [
  'plain.txt',
  '..',
  '../../etc/passwd',
  'a/../b',
  'a/./b',
  '/leading',
  '//',
  'a//b',
  'a\\b',
  'C:\\x',
  'trailing ',
  ' leading',
  'a+b c',
  'a%2Bb.txt',
  'a%2e%2e/b',
  '%',
  '%zz',
  'é.txt',
  'e\u0301.txt',
  '日本語/ファイル',
  '😀',
  '\u0001\u001f\u007f',
  'line\nbreak\r\n',
  'nul\0inside',
  '<xml>&amp;"\'',
  '?versionId=1#frag',
  "!*'()~",
  '\uffff\ufffe',
  'k'.repeat(1024),
  'é'.repeat(512),
]

test('any key of up to 1,024 bytes comes back as the key it is, with its own bytes, and is listed', async () => {
  await using running = await startRunningServer()
  const { client } = running
  await client.send(new CreateBucketCommand({ Bucket: 'keys' }))
  for (const Key of HOSTILE_KEYS) {
    await client.send(new PutObjectCommand({ Bucket: 'keys', Key, Body: `bytes of ${Key}` }))
  }
  for (const Key of HOSTILE_KEYS) {
    const got = await client.send(new GetObjectCommand({ Bucket: 'keys', Key }))
    assert.equal(await got.Body?.transformToString(), `bytes of ${Key}`)
  }
  const listed = await send(running.server.url, {
    path: '/keys',
    query: [
      ['list-type', '2'],
      ['encoding-type', 'url'],
    ],
  })
  const keys = [...listed.text.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key]) => key)
  const byBytes = HOSTILE_KEYS.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  assert.deepEqual(keys, byBytes.map(encodeKey))
})

test('random keys and bodies survive the round trip over the SDK', async () => {
  await using running = await startRunningServer()
  const { client } = running
  await client.send(new CreateBucketCommand({ Bucket: 'random' }))
  const key = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 }).filter((text) => text.isWellFormed())
  await fc.assert(
    fc.asyncProperty(key, fc.uint8Array({ maxLength: 3000 }), async (Key, bytes) => {
      await client.send(new PutObjectCommand({ Bucket: 'random', Key, Body: bytes }))
      const got = await client.send(new GetObjectCommand({ Bucket: 'random', Key }))
      assert.deepEqual(await got.Body?.transformToByteArray(), bytes)
    }),
    { numRuns: 60 },
  )
})

test('a key beyond 1,024 bytes is refused', async () => {
  await using running = await startRunningServer()
  await running.client.send(new CreateBucketCommand({ Bucket: 'keys' }))
  await assert.rejects(
    running.client.send(new PutObjectCommand({ Bucket: 'keys', Key: 'é'.repeat(512) + 'k', Body: '' })),
    { name: 'KeyTooLongError' },
  )
})

test('ranges give exactly the bytes asked for', async () => {
  await using running = await startRunningServer()
  const { url } = running.server
  const bytes = randomBytes(200_001)
  await send(url, { method: 'PUT', path: '/ranges' })
  await send(url, { method: 'PUT', path: '/ranges/o', body: bytes })
  const size = bytes.length
  const cases: [range: string, status: number, start: number, end: number][] = [
    ['bytes=0-0', 206, 0, 1],
    ['bytes=0-', 206, 0, size],
    ['bytes=65535-65536', 206, 65_535, 65_537],
    ['bytes=131072-', 206, 131_072, size],
    ['bytes=-1', 206, size - 1, size],
    ['bytes=-999999', 206, 0, size],
    ['bytes=200000-999999', 206, 200_000, size],
    ['bytes=5-2', 200, 0, size],
    ['bytes=0-1,4-5', 200, 0, size],
    ['lines=0-1', 200, 0, size],
  ]
  for (const [range, status, start, end] of cases) {
    const got = await send(url, { path: '/ranges/o', headers: { range } })
    assert.equal(got.status, status, range)
    assert.deepEqual(got.body, bytes.subarray(start, end), range)
    assert.equal(got.headers['content-range'], status === 206 ? `bytes ${start}-${end - 1}/${size}` : undefined, range)
  }
  for (const range of ['bytes=200001-', 'bytes=-0']) {
    const got = await send(url, { path: '/ranges/o', headers: { range } })
    assert.equal(got.status, 416, range)
    assert.equal(got.code, 'InvalidRange')
    assert.equal(got.headers['content-range'], `bytes */${size}`)
  }
})

test('conditions on reads decide between 200, 304 and 412', async () => {
  await using running = await startRunningServer()
  const { url } = running.server
  await send(url, { method: 'PUT', path: '/cond' })
  const put = await send(url, { method: 'PUT', path: '/cond/o', body: 'x' })
  const etag = put.headers.etag ?? ''
  const past = 'Mon, 01 Jan 2001 00:00:00 GMT'
  const future = 'Fri, 01 Jan 2100 00:00:00 GMT'
  const cases: [headers: Record<string, string>, status: number][] = [
    [{ 'if-match': etag }, 200],
    [{ 'if-match': `"other", ${etag}` }, 200],
    [{ 'if-match': '*' }, 200],
    [{ 'if-match': '"other"' }, 412],
    [{ 'if-none-match': etag }, 304],
    [{ 'if-none-match': `W/${etag}` }, 304],
    [{ 'if-none-match': '"other"' }, 200],
    [{ 'if-modified-since': past }, 200],
    [{ 'if-modified-since': future }, 304],
    [{ 'if-unmodified-since': past }, 412],
    [{ 'if-unmodified-since': future }, 200],
    [{ 'if-match': etag, 'if-unmodified-since': past }, 200],
    [{ 'if-none-match': '"other"', 'if-modified-since': future }, 200],
  ]
  for (const [headers, status] of cases) {
    for (const method of ['GET', 'HEAD']) {
      const got = await send(url, { method, path: '/cond/o', headers })
      assert.equal(got.status, status, `${method} ${JSON.stringify(headers)}`)
      if (status === 304 || method === 'HEAD') assert.equal(got.body.length, 0)
    }
  }
})

test('conditions on writes hold, also among writers at the same time', async () => {
  await using running = await startRunningServer()
  const { url } = running.server
  await send(url, { method: 'PUT', path: '/cond' })
  const tries = await Promise.all(
    Array.from({ length: 20 }, (_, at) =>
      send(url, { method: 'PUT', path: '/cond/once', body: `writer ${at}`, headers: { 'if-none-match': '*' } }),
    ),
  )
  assert.equal(tries.filter(({ status }) => status === 200).length, 1)
  assert.equal(tries.filter(({ code }) => code === 'PreconditionFailed').length, 19)
  const etag = tries.find(({ status }) => status === 200)?.headers.etag ?? ''
  const cases: [headers: Record<string, string>, path: string, code: string][] = [
    [{ 'if-match': '"other"' }, '/cond/once', 'PreconditionFailed'],
    [{ 'if-match': etag }, '/cond/missing', 'NoSuchKey'],
    [{ 'if-none-match': etag }, '/cond/once', 'NotImplemented'],
    [{ 'if-match': etag }, '/cond/once', ''],
  ]
  for (const [headers, path, code] of cases) {
    assert.equal((await send(url, { method: 'PUT', path, body: 'new', headers })).code, code)
  }
})

test('metadata and content headers come back, and a signed read may set others', async () => {
  await using running = await startRunningServer()
  const { client } = running
  await client.send(new CreateBucketCommand({ Bucket: 'meta' }))
  await client.send(
    new PutObjectCommand({
      Bucket: 'meta',
      Key: 'o',
      Body: 'x',
      ContentType: 'text/plain; charset=utf-8',
      CacheControl: 'no-store',
      ContentDisposition: 'attachment; filename="a b.txt"',
      ContentEncoding: 'gzip',
      ContentLanguage: 'de',
      Metadata: { one: '1', 'two-words': 'zwei worte' },
      Tagging: 'a=1&b=zwei%20drei',
    }),
  )
  const head = await client.send(new HeadObjectCommand({ Bucket: 'meta', Key: 'o' }))
  assert.equal(head.ContentType, 'text/plain; charset=utf-8')
  assert.equal(head.CacheControl, 'no-store')
  assert.equal(head.ContentDisposition, 'attachment; filename="a b.txt"')
  assert.equal(head.ContentEncoding, 'gzip')
  assert.equal(head.ContentLanguage, 'de')
  assert.deepEqual(head.Metadata, { one: '1', 'two-words': 'zwei worte' })
  assert.equal(head.TagCount, 2)
  const answer = await send(running.server.url, {
    path: '/meta/o',
    query: [
      ['response-content-type', 'application/x-other'],
      ['response-content-disposition', 'inline; filename="é.txt"'],
    ],
  })
  assert.equal(answer.headers['content-type'], 'application/x-other')
  const disposition = Buffer.from(answer.headers['content-disposition'] ?? '', 'latin1').toString()
  assert.equal(disposition, 'inline; filename="é.txt"')
  const injected = await send(running.server.url, {
    path: '/meta/o',
    query: [['response-content-type', 'text/html\r\nset-cookie: a=b']],
  })
  assert.equal(injected.code, 'InvalidArgument')
})

test('metadata beyond two kilobytes and lists that open something are refused', async () => {
  await using running = await startRunningServer()
  const { url } = running.server
  await send(url, { method: 'PUT', path: '/meta' })
  const put = (headers: Record<string, string>): ReturnType<typeof send> =>
    send(url, { method: 'PUT', path: '/meta/o', body: 'x', headers })
  assert.equal((await put({ 'x-amz-meta-big': 'v'.repeat(2046) })).code, 'MetadataTooLarge')
  assert.equal((await put({ 'x-amz-acl': 'public-read' })).code, 'AccessControlListNotSupported')
  assert.equal((await put({ 'x-amz-grant-read': 'id=x' })).code, 'AccessControlListNotSupported')
  assert.equal((await put({ 'x-amz-storage-class': 'MOON' })).code, 'InvalidStorageClass')
  assert.equal((await put({ 'x-amz-tagging': 'a=1&a=2' })).code, 'InvalidTag')
  assert.equal((await put({ 'x-amz-object-lock-legal-hold': 'ON' })).code, 'InvalidRequest')
  assert.equal((await put({ 'x-amz-acl': 'bucket-owner-read' })).code, 'AccessControlListNotSupported')
  assert.equal((await put({ 'x-amz-acl': 'private' })).status, 200)
  assert.equal((await put({ 'x-amz-acl': 'bucket-owner-full-control' })).status, 200)
})

test('virtual-host style requests reach the same objects', async () => {
  await using running = await startRunningServer()
  const { url, port } = running.server
  await running.client.send(new CreateBucketCommand({ Bucket: 'hosted' }))
  for (const domain of ['localhost', 's3.localhost', `localhost:${port}`]) {
    const host = `hosted.${domain}`
    assert.equal((await send(url, { host, method: 'PUT', path: '/a/../b', body: domain })).status, 200)
    assert.equal((await send(url, { path: '/hosted/a/../b' })).text, domain)
    assert.match((await send(url, { host, path: '/', query: [['list-type', '2']] })).text, /<Key>a\/\.\.\/b<\/Key>/)
  }
  assert.match((await send(url, { host: 's3.localhost', path: '/' })).text, /<Name>hosted<\/Name>/)
})

test('an overwritten object is read to its end by who began before', async () => {
  await using running = await startRunningServer()
  const { client } = running
  await client.send(new CreateBucketCommand({ Bucket: 'swap' }))
  const old = randomBytes(8_000_000)
  await client.send(new PutObjectCommand({ Bucket: 'swap', Key: 'o', Body: old }))
  const got = await client.send(new GetObjectCommand({ Bucket: 'swap', Key: 'o' }))
  for (let round = 0; round < 3; round++) {
    await client.send(new PutObjectCommand({ Bucket: 'swap', Key: 'o', Body: `new ${round}` }))
  }
  const bytes = (await got.Body?.transformToByteArray()) ?? new Uint8Array()
  assert.equal(createHash('md5').update(bytes).digest('hex'), createHash('md5').update(old).digest('hex'))
})

test('what belongs to a write alone is refused of a read, and only a signature sets headers of an answer', async () => {
  await using running = await startRunningServer()
  const { client } = running
  const { url } = running.server
  await client.send(new CreateBucketCommand({ Bucket: 'reads' }))
  await client.send(new PutObjectCommand({ Bucket: 'reads', Key: 'k', Body: 'x', Tagging: 'b=2&a=1' }))
  const path = '/reads/k'
  const encrypted = { 'x-amz-server-side-encryption': 'AES256' }
  assert.equal((await send(url, { path, headers: encrypted })).code, 'InvalidArgument')
  assert.equal((await send(url, { method: 'HEAD', path, headers: encrypted })).status, 400)
  const Statement = [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::reads/*' }]
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement })
  await client.send(new PutBucketPolicyCommand({ Bucket: 'reads', Policy }))
  assert.equal((await sendUnsigned(url, 'GET', path)).text, 'x')
  assert.equal((await sendUnsigned(url, 'GET', `${path}?response-content-type=text/html`)).code, 'InvalidRequest')
  const query = [['response-content-type', 'text/html']] as const
  assert.equal((await send(url, { path, query })).headers['content-type'], 'text/html')
  const { TagSet } = await client.send(new GetObjectTaggingCommand({ Bucket: 'reads', Key: 'k' }))
  assert.deepEqual(
    TagSet?.map(({ Key }) => Key),
    ['a', 'b'],
  )
})

test('metadata beyond ASCII comes back in a form that is safe in headers', async () => {
  await using running = await startRunningServer()
  const { url } = running.server
  const path = '/meta/o'
  await send(url, { method: 'PUT', path: '/meta' })
  const value = 'ÄMÄZÕÑ S3'
  const metadata = { 'x-amz-meta-nonascii': value, 'x-amz-meta-plain': '=?x a' }
  const signed = sign(url, { method: 'PUT', path, headers: metadata, body: 'x' })
  // What is signed are the characters, what is sent are their bytes.
  const headers = { ...signed.headers, 'x-amz-meta-nonascii': Buffer.from(value).toString('latin1') }
  // A body of text would have Node write the headers as UTF-8 too.
  assert.equal((await sendUnsigned(url, 'PUT', path, headers, Buffer.from('x'))).status, 200)
  const copy = { 'x-amz-copy-source': path }
  assert.equal((await send(url, { method: 'PUT', path: '/meta/copy', headers: copy })).status, 200)
  for (const read of [path, '/meta/copy']) {
    const got = await send(url, { method: 'HEAD', path: read })
    // The example of the user guide.
    assert.equal(got.headers['x-amz-meta-nonascii'], '=?UTF-8?B?w4PChE3Dg8KEWsODwpXDg8KRIFMz?=')
    assert.equal(got.headers['x-amz-meta-plain'], '=?x a')
  }
})
