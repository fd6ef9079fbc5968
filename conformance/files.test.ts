import assert from 'node:assert/strict'
import { deflateSync, crc32 } from 'node:zlib'
import { after, before, test } from 'node:test'
import { type Api, apiOf, auditEvents, type Problem } from './api.ts'
import { list, upload } from './client-steps.ts'
import { request } from './http.ts'
import { type PlainIssuer, startPlainIssuer } from './issuers/plain-issuer.ts'
import { poll } from './poll.ts'
import { startS3Server } from './engines/s3-server.ts'
import { startStoreGate } from './store-gate.ts'
import { startSystem, type System } from './system.ts'

interface FileRecord {
  readonly id: string
  readonly bucket: string
  readonly key: string
  readonly filename: string
  readonly size: number
  readonly contentType: string | null
  readonly width: number | null
  readonly height: number | null
}

/** A real PNG, as small as it can be. @param width pixels, also ones that nobody could decode */
function png(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data])
    const frame = Buffer.alloc(8)
    frame.writeUInt32BE(data.length, 0)
    frame.writeUInt32BE(crc32(body), 4)
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.writeUInt8(8, 8)
  const rows = Buffer.alloc(Math.min(width * height + height, 100_000))
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const chunks = [chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]
  return Buffer.concat([signature, ...chunks])
}

let issuer: PlainIssuer
let s3: Awaited<ReturnType<typeof startS3Server>>
let gate: Awaited<ReturnType<typeof startStoreGate>>
let hold: ((seen: { method: string; path: string }) => boolean) | undefined
let reached = false
let system: System
let ada: Api
let bob: Api
let adaId: string
const bucket = 'skycrate-library'

before(async () => {
  issuer = await startPlainIssuer('/')
  s3 = await startS3Server()
  gate = await startStoreGate(s3.url, async (seen) => {
    if (!hold?.(seen)) return
    reached = true
    await new Promise<never>(() => {})
  })
  system = await startSystem({
    env: {
      SKYCRATE_ISSUERS: JSON.stringify([{ issuer: issuer.issuer, audience: 'files' }]),
      S3_ENDPOINT: gate.url,
      S3_PUBLIC_ENDPOINT: s3.url,
      S3_ACCESS_KEY_ID: s3.accessKeyId,
      S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
      SKYCRATE_SECRET: 'the same at every start, and no default',
      SKYCRATE_LIBRARY_BUCKET: bucket,
      SKYCRATE_PRODUCTION: 'false',
    },
  })
  ada = apiOf(system.url, issuer.token({ sub: 'ada', aud: 'files' }))
  bob = apiOf(system.url, issuer.token({ sub: 'bob', aud: 'files' }))
  adaId = (await ada.get('/auth/me')).json<{ id: string }>().id
})
after(async () => {
  hold = undefined
  await system?.[Symbol.asyncDispose]()
  await gate?.[Symbol.asyncDispose]()
  await s3?.[Symbol.asyncDispose]()
  await issuer?.[Symbol.asyncDispose]()
})

const mine = (name: string): string => `private/${adaId}/${name}`

async function create(path: string, key: string, filename: string): Promise<FileRecord> {
  const answer = await ada.post(path, { bucket, key, filename })
  assert.equal(answer.status, 201, answer.text)
  return answer.json<FileRecord>()
}

test('an uploaded image gets a record with what it is, is listed, renamed and deleted with its object', async () => {
  await upload(ada, bucket, mine('photo.png'), png(64, 48), 'image/png')
  await upload(ada, bucket, mine('notes.txt'), 'text', 'text/plain')
  const image = await create('/images', mine('photo.png'), 'photo.png')
  const { id, key, filename, contentType, width, height } = image
  assert.match(id, /^fil_/)
  assert.deepEqual(
    { key, filename, contentType, width, height },
    { key: mine('photo.png'), filename: 'photo.png', contentType: 'image/png', width: 64, height: 48 },
  )
  const text = await create('/files', mine('notes.txt'), 'My notes.txt')
  assert.deepEqual([text.size, text.width, text.contentType], [4, null, 'text/plain'])

  const again = await ada.post('/files', { bucket, key: mine('notes.txt'), filename: 'Again.txt' })
  assert.deepEqual(
    [again.status, again.json<FileRecord>().id, again.json<FileRecord>().filename],
    [200, text.id, 'Again.txt'],
  )

  const ids = async (path: string, field: string): Promise<string[]> =>
    ((await ada.get(path)).json<Record<string, FileRecord[]>>()[field] ?? []).map((each) => each.id)
  assert.deepEqual(await ids('/files', 'files'), [text.id, image.id])
  assert.deepEqual(await ids('/images', 'images'), [image.id])
  const first = (await ada.get('/files?limit=1')).json<{ nextCursor: string }>()
  assert.deepEqual(await ids(`/files?limit=1&cursor=${first.nextCursor}`, 'files'), [image.id])

  assert.equal((await ada.delete(`/images/${image.id}`)).status, 204)
  assert.equal((await ada.get(`/files/${image.id}`)).status, 404)
  assert.deepEqual((await list(ada, bucket, { prefix: mine('photo') })).objects, [])
  const actions = (await auditEvents(ada, '/audit/my-activity')).map(({ action }) => action)
  for (const action of ['file.create', 'file.update', 'file.delete', 'object.delete'])
    assert.ok(actions.includes(action), action)
})

test("another's record is refused, and so is a record of another's object", async () => {
  await upload(ada, bucket, mine('secret.txt'), 'x')
  const { id } = await create('/files', mine('secret.txt'), 'secret.txt')
  for (const answer of [
    await bob.get(`/files/${id}`),
    await bob.delete(`/files/${id}`),
    await bob.delete(`/images/${id}`),
  ]) {
    assert.deepEqual([answer.status, answer.json<Problem>().code], [403, 'forbidden'])
  }
  const claim = await bob.post('/files', { bucket, key: mine('secret.txt'), filename: 'x' })
  assert.equal(claim.status, 403)
  assert.equal((await bob.get('/files')).json<{ files: unknown[] }>().files.length, 0)
  const missing = await ada.post('/files', { bucket, key: mine('never-was'), filename: 'x' })
  assert.deepEqual([missing.status, missing.json<Problem>().code], [404, 'not-found'])
  assert.equal((await ada.get('/files/fil_nothing')).status, 404)
  assert.equal((await list(ada, bucket, { prefix: mine('secret') })).objects.length, 1)
})

test('what only says that it is an image has no size, and a bomb is not decoded', async () => {
  for (const [name, bytes, width] of [
    ['bomb.png', png(60_000, 60_000), 60_000],
    ['text.png', Buffer.from('no image at all'), null],
    ['empty.png', Buffer.alloc(0), null],
    ['program.svg', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>'), null],
  ] as const) {
    await upload(ada, bucket, mine(name), bytes, name.endsWith('.svg') ? 'image/svg+xml' : 'image/png')
    assert.equal((await create('/images', mine(name), name)).width, width, name)
  }
})

interface Thumbnail {
  readonly state?: 'ready' | 'pending' | 'refused'
  readonly url?: string
  readonly width?: number
  readonly height?: number
  readonly reason?: string
  readonly problem?: Problem
}

async function thumbnails(api: Api, ...objects: { key: string; etag?: string }[]): Promise<Thumbnail[]> {
  const answer = await api.post('/s3/thumbnails', { bucket, objects })
  assert.equal(answer.status, 200, answer.text)
  return answer.json<{ thumbnails: Thumbnail[] }>().thumbnails
}

const settled = (key: string, etag?: string): Promise<Thumbnail> =>
  poll(`a thumbnail of ${key} is there`, 60_000, async () => {
    const [one] = await thumbnails(ada, { key, ...(etag && { etag }) })
    return one?.state !== 'pending' && one
  })

test('a thumbnail is made of an image, is read by whoever reads the image, and follows it', async () => {
  const key = mine('big.png')
  await upload(ada, bucket, key, png(1024, 64), 'image/png')
  const { id } = await create('/images', key, 'big.png')
  const { state, url, width, height } = await settled(key)
  assert.deepEqual([state, width, height], ['ready', 512, 32])
  const picture = await request(url!)
  assert.equal(picture.status, 200)
  assert.equal(picture.body.subarray(0, 4).toString() + picture.body.subarray(8, 12).toString(), 'RIFFWEBP')
  const [foreign] = await thumbnails(bob, { key })
  assert.equal(foreign?.problem?.code, 'forbidden')
  const of = { bucket, operation: 'get', key: new URL(url!).pathname.replace(`/${bucket}/`, '') }
  assert.equal((await bob.post('/s3/presigned-url', of)).status, 403, 'it is kept in no folder of his')
  assert.equal((await ada.post('/s3/presigned-url', of)).status, 403)

  await upload(ada, bucket, key, png(30, 40), 'image/png')
  assert.deepEqual((await settled(key)).width, 30, 'made again from the image that replaced it, and not larger')
  const etag = (await list(ada, bucket, { prefix: key })).objects[0]?.etag
  assert.equal((await settled(key, etag)).height, 40)

  const kept = (await settled(key)).url!
  assert.equal((await ada.delete(`/images/${id}`)).status, 204)
  assert.equal((await request(kept)).status, 404, 'it goes with its image')
  const events = await auditEvents(ada, '/audit/my-activity')
  assert.ok(
    events.some((event) => event.action === 'object.thumbnail' && event.key === key && event.outcome === 'allow'),
  )
})

test('what no thumbnail can be made of says why, and nothing large is decoded', async () => {
  for (const [name, bytes, type, reason] of [
    ['t-bomb.png', png(60_000, 60_000), 'image/png', 'too-many-pixels'],
    ['t-text.png', Buffer.from('no image at all'), 'image/png', 'unsupported-format'],
    ['t-cut.png', png(800, 800).subarray(0, 90), 'image/png', 'broken'],
    ['t-program.svg', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'image/svg+xml', 'unsupported-format'],
    ['t-notes.txt', Buffer.from('text'), 'text/plain', 'unsupported-format'],
  ] as const) {
    await upload(ada, bucket, mine(name), bytes, type)
    assert.deepEqual(await settled(mine(name)), { state: 'refused', reason }, name)
  }
  const [missing, invalid] = await thumbnails(ada, { key: mine('t-never.png') }, { key: 'a/../b' })
  assert.deepEqual([missing?.problem?.code, invalid?.problem?.code], ['not-found', 'invalid-key'])
})

test('a home shows the files of its owner, and not what SkyCrate keeps there', async () => {
  const home = (await ada.get('/home')).json<{ bucket: string; prefix: string }>()
  const key = `${home.prefix}in-home.png`
  await upload(ada, home.bucket, key, png(20, 20), 'image/png')
  const ask = { bucket: home.bucket, objects: [{ key }] }
  await poll('the thumbnail is there', 60_000, async () => {
    const [one] = (await ada.post('/s3/thumbnails', ask)).json<{ thumbnails: Thumbnail[] }>().thumbnails
    return one?.state === 'ready'
  })
  const all = await list(ada, home.bucket, { prefix: home.prefix })
  assert.deepEqual(
    all.objects.map((each) => each.key),
    [key],
  )
  assert.deepEqual((await list(ada, home.bucket, { prefix: home.prefix, delimiter: '/' })).prefixes, [])
})

test('kill -9 between the deletion of an object and that of its record: it goes on after the start', async () => {
  await upload(ada, bucket, mine('gone.txt'), 'x')
  const { id } = await create('/files', mine('gone.txt'), 'gone.txt')
  reached = false
  hold = ({ method, path }) => method === 'DELETE' && path.includes('gone.txt')
  const deletion = ada.delete(`/files/${id}`).catch(() => undefined)
  await poll('the deletion came to the store', 60_000, () => reached)
  await system.kill9()
  await deletion
  hold = undefined
  await system.restart()
  await poll('the record is gone', 60_000, async () => (await ada.get(`/files/${id}`)).status === 404)
  await poll(
    'the object is gone',
    60_000,
    async () => (await list(ada, bucket, { prefix: mine('gone') })).objects.length === 0,
  )
})
