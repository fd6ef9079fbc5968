import assert from 'node:assert/strict'
import { hash, randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { type Api, apiOf, auditEvents, type Problem, signInAsAdmin } from './api.ts'
import { download, home, list, upload, use, vend } from './client-steps.ts'
import { request } from './http.ts'
import { type PlainIssuer, startPlainIssuer } from './issuers/plain-issuer.ts'
import { startSystem, type System } from './system.ts'

// Uploads beyond a single PUT: batches of URLs, forms, and uploads in parts.

const MEBIBYTE = 1024 ** 2

interface Started {
  readonly uploadId: string
  readonly partSize: number
}
interface Part {
  readonly partNumber: number
  readonly url: string
  readonly headers: Record<string, string>
}

let issuer: PlainIssuer
let system: System
let admin: Api
let ada: Api
let bob: Api
let bucket: string

before(async () => {
  issuer = await startPlainIssuer('/')
  const issuers = [{ issuer: issuer.issuer, audience: 'files' }]
  system = await startSystem({ env: { SKYCRATE_ISSUERS: JSON.stringify(issuers) } })
  admin = await signInAsAdmin(system)
  ada = apiOf(system.url, issuer.token({ sub: 'ada', aud: 'files' }))
  bob = apiOf(system.url, issuer.token({ sub: 'bob', aud: 'files' }))
  bucket = (await home(ada)).bucket
  await home(bob)
  const { id } = (await bob.get('/auth/me')).json<{ id: string }>()
  const answer = await admin.post('/permissions', {
    principal: { kind: 'user', userId: id },
    bucket,
    prefix: 'shared/',
    actions: ['write'],
  })
  assert.equal(answer.status, 201, answer.text)
})
after(async () => {
  await system?.[Symbol.asyncDispose]()
  await issuer?.[Symbol.asyncDispose]()
})

const code = async (answer: Promise<{ json<T>(): T }>): Promise<string> => (await answer).json<Problem>().code

async function start(api: Api, key: string, size: number): Promise<Started> {
  const answer = await api.post('/s3/multipart', { bucket, key, size, contentType: 'application/x-test' })
  assert.equal(answer.status, 200, answer.text)
  return answer.json<Started>()
}

async function sign(api: Api, key: string, uploadId: string, partNumbers: readonly number[]): Promise<Part[]> {
  const answer = await api.post('/s3/multipart/parts', { bucket, key, uploadId, partNumbers })
  assert.equal(answer.status, 200, answer.text)
  return answer.json<{ parts: Part[] }>().parts
}

test('a batch gives a URL or a problem for each request, in order, and records each', async () => {
  await upload(ada, bucket, 'batch/a.txt', 'first')
  const answer = await ada.post('/s3/presigned-urls', {
    requests: [
      { bucket, key: 'batch/a.txt', operation: 'get' },
      { bucket: 'not-hers', key: 'x', operation: 'get' },
      { bucket, key: '../x', operation: 'get' },
      { bucket, key: 'batch/b.txt', operation: 'put', contentLength: 3 },
    ],
  })
  assert.equal(answer.status, 200, answer.text)
  const { results } = answer.json<{
    results: { url?: string; method: string; headers: Record<string, string>; expiresAt: string; problem?: Problem }[]
  }>()
  assert.deepEqual(
    results.map((each) => each.problem?.code ?? 'url'),
    ['url', 'forbidden', 'invalid-key', 'url'],
  )
  assert.equal((await use(results[0] as never)).text, 'first')
  assert.equal((await use(results[3] as never, 'two')).status, 200)
  const keys = (await auditEvents(ada, '/audit/my-activity')).map(
    (event) => `${event.action} ${event.outcome} ${event.key}`,
  )
  for (const expected of ['object.get allow batch/a.txt', 'object.get deny x', 'object.put allow batch/b.txt']) {
    assert.ok(keys.includes(expected), expected)
  }
})

test('a batch takes 1,000 requests with long keys, and no more', async () => {
  const requests = Array.from({ length: 1000 }, (_, i) => ({
    bucket,
    key: `${'k'.repeat(1000)}${i}`,
    operation: 'get',
  }))
  const answer = await ada.post('/s3/presigned-urls', { requests })
  assert.equal(answer.status, 200, answer.text.slice(0, 300))
  const { results } = answer.json<{ results: { url?: string }[] }>()
  assert.equal(results.filter((each) => each.url !== undefined).length, 1000)
  assert.equal(await code(ada.post('/s3/presigned-urls', { requests: [...requests, requests[0]] })), 'invalid-request')
})

test('an upload gets the storage class that was asked for, and one that the store does not have is refused', async () => {
  const put = { bucket, key: 'classes/one', operation: 'put', contentLength: 4, storageClass: 'STANDARD_IA' }
  const vended = await vend(ada, put)
  assert.equal((await use(vended, 'four')).status, 200)
  const parts = { bucket, key: 'classes/parts', size: 4, storageClass: 'GLACIER_IR' }
  const { uploadId } = (await ada.post('/s3/multipart', parts)).json<Started>()
  const [part] = await sign(ada, parts.key, uploadId, [1])
  const sent = await request(part!.url, { method: 'PUT', headers: part!.headers, body: 'four' })
  const completed = await ada.post('/s3/multipart/complete', {
    bucket,
    key: parts.key,
    uploadId,
    parts: [{ partNumber: 1, etag: sent.headers['etag'] }],
  })
  assert.equal(completed.status, 200, completed.text)
  assert.deepEqual(
    (await list(ada, bucket, { prefix: 'classes/' })).objects.map(({ key, storageClass }) => [key, storageClass]),
    [
      ['classes/one', 'STANDARD_IA'],
      ['classes/parts', 'GLACIER_IR'],
    ],
  )
  const vends = (await auditEvents(ada, '/audit/my-activity')).filter(({ key }) => key === put.key)
  assert.ok(vends.some(({ detail }) => detail?.['storageClass'] === 'STANDARD_IA'))
  // The class is signed: without it, or with another, the URL is no good.
  const { 'x-amz-storage-class': _, ...without } = vended.headers
  for (const headers of [without, { ...without, 'x-amz-storage-class': 'STANDARD' }]) {
    assert.equal((await request(vended.url, { method: 'PUT', headers, body: 'four' })).status, 403)
  }
  for (const [path, wish] of [
    ['/s3/presigned-url', { ...put, storageClass: 'COLDEST' }],
    ['/s3/multipart', { ...parts, storageClass: 'COLDEST' }],
  ] as const) {
    const refused = await ada.post(path, wish)
    assert.equal(refused.status, 400)
    assert.match(refused.text, /is not a class of this store, which has STANDARD/)
  }
})

test('a URL for a known content uploads that, and nothing else', async () => {
  const content = 'as it was checked'
  const checksumSha256 = hash('sha256', content, 'base64')
  const wish = { bucket, key: 'checked/a.txt', operation: 'put', checksumSha256 }
  const vended = await vend(ada, wish)
  const other = await use(vended, 'something other')
  assert.deepEqual([other.status, /<Code>(\w+)</.exec(other.text)?.[1]], [400, 'BadDigest'])
  const otherSum = { 'x-amz-checksum-sha256': hash('sha256', 'something other', 'base64') }
  assert.equal((await use(vended, 'something other', otherSum)).status, 403)
  const { 'x-amz-checksum-sha256': _, ...without } = vended.headers
  assert.equal((await use({ ...vended, headers: without }, content)).status, 403)
  assert.deepEqual((await list(ada, bucket, { prefix: 'checked/' })).objects, [])
  assert.equal((await use(vended, content)).status, 200)
  for (const wrong of ['x', `${checksumSha256}=`, checksumSha256.slice(1)]) {
    assert.equal(await code(ada.post('/s3/presigned-url', { ...wish, checksumSha256: wrong })), 'invalid-request')
  }
})

test('an upload is confirmed by what the store has, and recorded as a second event', async () => {
  const content = 'it has arrived'
  const checksumSha256 = hash('sha256', content, 'base64')
  const [key, size] = ['confirmed/a.txt', content.length]
  const confirm = (api: Api, said: object) => api.post('/s3/confirm-upload', { bucket, key, size, ...said })
  assert.equal(await code(confirm(ada, {})), 'not-found')
  const vended = await vend(ada, { bucket, key, operation: 'put', contentLength: size, checksumSha256 })
  assert.equal((await use(vended, content)).status, 200)
  const confirmed = await confirm(ada, { checksumSha256 })
  assert.equal(confirmed.status, 200, confirmed.text)
  const { etag, versionId } = confirmed.json<{ etag: string; versionId: string }>()
  assert.equal(etag, hash('md5', content))
  assert.equal(await code(confirm(ada, { size: size + 1 })), 'precondition-failed')
  assert.equal(await code(confirm(ada, { checksumSha256: hash('sha256', 'x', 'base64') })), 'precondition-failed')
  assert.equal(await code(confirm(bob, {})), 'forbidden')
  await upload(ada, bucket, key, 'it has arrived')
  assert.equal(await code(confirm(ada, { checksumSha256 })), 'precondition-failed', 'replaced, without a checksum')
  const events = (await auditEvents(ada, '/audit/my-activity')) as unknown as {
    action: string
    outcome: string
    key: string
    detail: Record<string, unknown>
  }[]
  const own = events.filter((event) => event.key === key && event.action === 'upload.confirm')
  assert.deepEqual(
    own.map(({ outcome }) => outcome),
    ['error', 'error', 'error', 'allow', 'error'],
  )
  const { contentLength, ...detail } = own[3]!.detail
  assert.deepEqual([contentLength, detail['checksumSha256'], detail['versionId']], [size, checksumSha256, versionId])
})

test('a form uploads what fits, and the store refuses what is larger, of another type or to another key', async () => {
  const answer = await ada.post('/s3/presigned-post', {
    bucket,
    key: 'form.bin',
    maxSize: 10,
    contentType: 'text/plain',
  })
  assert.equal(answer.status, 200, answer.text)
  const form = answer.json<{ url: string; fields: Record<string, string> }>()
  const post = async (file: string, change: Record<string, string> = {}): Promise<number> => {
    const body = new FormData()
    for (const [name, value] of Object.entries({ ...form.fields, ...change })) body.append(name, value)
    body.append('file', new Blob([file]), 'name.bin')
    const encoded = new Response(body)
    const sent = await request(form.url, {
      method: 'POST',
      headers: { 'content-type': encoded.headers.get('content-type')! },
      body: Buffer.from(await encoded.arrayBuffer()),
    })
    return sent.status
  }
  assert.equal(await post('12345678901'), 400)
  assert.equal(await post('1234567890', { key: 'other.bin' }), 403)
  assert.equal(await post('1234567890', { 'Content-Type': 'text/html' }), 403)
  assert.equal(await post('1234567890'), 204)
  assert.equal((await download(ada, bucket, 'form.bin')).toString(), '1234567890')
  assert.equal(await code(bob.post('/s3/presigned-post', { bucket, key: 'form.bin', maxSize: 10 })), 'forbidden')
})

test('a file goes up in parts, is resumed by what the store has, and is complete only when all are there', async () => {
  const body = randomBytes(17 * MEBIBYTE)
  const key = 'videos/été.mp4'
  const { uploadId, partSize } = await start(ada, key, body.length)
  assert.equal(partSize, 8 * MEBIBYTE)
  const parts = await sign(ada, key, uploadId, [1, 2, 3])
  const piece = (n: number): Buffer => body.subarray((n - 1) * partSize, n * partSize)
  const put = (part: Part, bytes: Buffer) =>
    request(part.url, { method: 'PUT', headers: part.headers, body: bytes, timeoutMs: 60_000 })

  assert.equal((await put(parts[0]!, piece(1))).status, 200)
  assert.equal((await put(parts[2]!, piece(3))).status, 200)
  const query = `bucket=${bucket}&key=${encodeURIComponent(key)}&uploadId=${encodeURIComponent(uploadId)}`
  const had = (await ada.get(`/s3/multipart?${query}`)).json<{
    parts: { partNumber: number; etag: string; size: number }[]
  }>()
  assert.deepEqual(
    had.parts.map(({ partNumber, size }) => [partNumber, size]),
    [
      [1, partSize],
      [3, MEBIBYTE],
    ],
  )

  const wrong = [
    ...had.parts.map(({ partNumber, etag }) => ({ partNumber, etag })),
    { partNumber: 2, etag: '"nothing"' },
  ]
  assert.equal(
    await code(ada.post('/s3/multipart/complete', { bucket, key, uploadId, parts: wrong })),
    'invalid-request',
  )
  assert.equal((await put(parts[1]!, piece(2))).status, 200)
  const all = (await ada.get(`/s3/multipart?${query}`)).json<typeof had>().parts
  const complete = {
    bucket,
    key,
    uploadId,
    parts: all.map(({ partNumber, etag }) => ({ partNumber, etag })),
    ifNoneMatch: '*',
  }
  const done = await ada.post('/s3/multipart/complete', complete)
  assert.equal(done.status, 200, done.text)
  assert.match(done.json<{ etag: string }>().etag, /-3"?$/)
  assert.ok((await download(ada, bucket, key)).equals(body))
  // An answer that was lost can be asked for again, as at S3.
  const again = await ada.post('/s3/multipart/complete', complete)
  assert.deepEqual(again.json(), done.json())
})

test('a part has the size that was signed, and a file the parts that its size asks for', async () => {
  const { uploadId } = await start(ada, 'sizes.bin', 9 * MEBIBYTE)
  const [, last] = await sign(ada, 'sizes.bin', uploadId, [1, 2])
  assert.equal(last!.headers['content-length'], String(MEBIBYTE))
  const larger = { 'content-length': String(2 * MEBIBYTE) }
  const sent = await request(last!.url, { method: 'PUT', headers: larger, body: Buffer.alloc(2 * MEBIBYTE) })
  assert.equal(sent.status, 403)
  const beyond = ada.post('/s3/multipart/parts', { bucket, key: 'sizes.bin', uploadId, partNumbers: [3] })
  assert.equal(await code(beyond), 'invalid-request')
})

test('a completion that must not replace leaves what is there', async () => {
  await upload(ada, bucket, 'taken.bin', 'first')
  const { uploadId } = await start(ada, 'taken.bin', 5)
  const [part] = await sign(ada, 'taken.bin', uploadId, [1])
  const sent = await request(part!.url, { method: 'PUT', headers: part!.headers, body: Buffer.from('other') })
  const parts = [{ partNumber: 1, etag: String(sent.headers['etag']) }]
  const answer = ada.post('/s3/multipart/complete', { bucket, key: 'taken.bin', uploadId, parts, ifNoneMatch: '*' })
  assert.equal(await code(answer), 'precondition-failed')
  assert.equal((await download(ada, bucket, 'taken.bin')).toString(), 'first')
})

test("an upload is its owner's: others, other keys and other buckets find none, and nothing of it is left after an abort", async () => {
  const key = 'shared/upload.bin'
  const { uploadId } = await start(ada, key, 5)
  // Bob may write there, but this upload is not his.
  assert.equal(
    await code(bob.post('/s3/multipart/parts', { bucket, key, uploadId, partNumbers: [1] })),
    'upload-missing',
  )
  assert.equal(
    await code(ada.post('/s3/multipart/parts', { bucket, key: 'x', uploadId, partNumbers: [1] })),
    'upload-missing',
  )
  for (const forged of ['x', `${uploadId}x`, uploadId.replace(/\.5\./, '.9999999.'), '..', 'AAAA.5.AAAA']) {
    assert.equal(
      await code(ada.post('/s3/multipart/parts', { bucket, key, uploadId: forged, partNumbers: [1] })),
      'upload-missing',
    )
  }
  const query = `bucket=${bucket}&key=${encodeURIComponent(key)}&uploadId=${encodeURIComponent(uploadId)}`
  assert.equal(await code(bob.delete(`/s3/multipart?${query}`)), 'upload-missing')
  assert.equal((await ada.delete(`/s3/multipart?${query}`)).status, 204)
  assert.equal(await code(ada.get(`/s3/multipart?${query}`)), 'upload-missing')
  assert.equal((await list(ada, bucket, { prefix: 'shared/' })).objects.length, 0)
  assert.equal(await code(bob.post('/s3/multipart', { bucket, key: 'elsewhere.bin', size: 5 })), 'forbidden')
})
