import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Api, apiOf, auditEvents, type Home, type Problem, signInAsAdmin, type Vended } from './api.ts'
import { list, remove, upload, use, vend } from './client-steps.ts'
import type { Answer } from './http.ts'
import { poll } from './poll.ts'
import { startSystem, type System } from './system.ts'

interface Quota {
  readonly kind: string
  readonly id: string
  readonly name: string
  readonly maxBytes: number | null
  readonly maxObjects: number | null
  readonly usedBytes: number
  readonly usedObjects: number
  readonly reservedBytes: number
  readonly reservedObjects: number
  readonly countedAt: string | null
}
interface Person {
  readonly api: Api
  readonly id: string
  readonly bucket: string
}

const PASSWORD = 'seven brave turnips'
const WITHIN_MS = 60_000

let system: System
let admin: Api
const codeOf = (answer: Answer): string => (answer.status < 300 ? 'ok' : answer.json<Problem>().code)

async function newPerson(name: string): Promise<Person> {
  const email = `${name}@example.org`
  const made = await admin.post('/users', { email, password: PASSWORD, name })
  assert.equal(made.status, 201, made.text)
  const login = await apiOf(system.url, undefined).post('/auth/login', { email, password: PASSWORD })
  const api = apiOf(system.url, login.json<{ access_token: string }>().access_token)
  return { api, id: made.json<{ id: string }>().id, bucket: (await api.get('/home')).json<Home>().bucket }
}

async function setQuota(kind: string, id: string, quota: object): Promise<Quota> {
  const answer = await admin.put(`/quotas/${kind}/${id}`, quota)
  assert.equal(answer.status, 200, answer.text)
  await counted(kind, id)
  return answer.json<Quota>()
}

async function quotaOf(kind: string, id: string): Promise<Quota> {
  const { quotas } = (await admin.get('/quotas?limit=1000')).json<{ quotas: Quota[] }>()
  const found = quotas.find((each) => each.kind === kind && each.id === id)
  assert.ok(found, `${kind} ${id}`)
  return found
}

const counted = (kind: string, id: string): Promise<unknown> =>
  poll(`${kind} ${id} is counted`, WITHIN_MS, async () => (await quotaOf(kind, id)).countedAt !== null)

const ask = ({ api, bucket }: Person, key: string, contentLength?: number): Promise<Answer> =>
  api.post('/s3/presigned-url', {
    bucket,
    key,
    operation: 'put',
    ...(contentLength !== undefined && { contentLength }),
  })

const taken = ({ usedBytes, usedObjects, reservedBytes, reservedObjects }: Quota) => [
  usedBytes + reservedBytes,
  usedObjects + reservedObjects,
]

before(async () => {
  system = await startSystem()
  admin = await signInAsAdmin(system)
})
after(() => system?.[Symbol.asyncDispose]())

test('a home takes no more than its quota, however many uploads are asked for at once', async () => {
  const ada = await newPerson('ada')
  await upload(ada.api, ada.bucket, 'early.txt', 'x'.repeat(300))
  await setQuota('user', ada.id, { maxBytes: 1000, maxObjects: 20 })
  assert.deepEqual(taken(await quotaOf('user', ada.id)), [300, 1])

  assert.equal(codeOf(await ask(ada, 'no-length.txt')), 'length-required')
  assert.equal(codeOf(await ask(ada, 'large.txt', 701)), 'quota-exceeded')
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => ask(ada, `${i}.txt`, 100)))
  const given = answers.filter(({ status }) => status === 200)
  assert.deepEqual([given.length, new Set(answers.map(codeOf)).size], [7, 2])
  assert.deepEqual(taken(await quotaOf('user', ada.id)), [1000, 8])
  // The size is signed: what was reserved is what can come.
  const [first] = given
  const vended = first!.json<Vended>()
  assert.notEqual((await use({ ...vended, headers: { 'content-length': '101' } }, 'y'.repeat(101))).status, 200)
  for (const each of given) assert.equal((await use(each.json<Vended>(), 'y'.repeat(100))).status, 200)
  const stored = (await list(ada.api, ada.bucket)).objects.reduce((sum, { size }) => sum + size, 0)
  assert.equal(stored, 1000)

  const { quotas } = (await ada.api.get('/quotas/mine')).json<{ quotas: Quota[] }>()
  assert.deepEqual(
    quotas.map((each) => [each.kind, each.maxBytes, ...taken(each)]),
    [['user', 1000, 1000, 8]],
  )
  const events = await auditEvents(admin, '/audit/logs')
  assert.ok(
    events.some(
      ({ action, reason, userId }) => action === 'object.put' && reason === 'quota-exceeded' && userId === ada.id,
    ),
  )
  assert.ok(events.some(({ action, outcome }) => action === 'quota.set' && outcome === 'allow'))
})

test('the same key again reserves once, a deletion frees, and objects are limited too', async () => {
  const bob = await newPerson('bob')
  await upload(bob.api, bob.bucket, 'one.txt', 'x'.repeat(600))
  await setQuota('user', bob.id, { maxBytes: 1000, maxObjects: 2 })
  for (let tries = 0; tries < 5; tries++) assert.equal((await ask(bob, 'two.txt', 300)).status, 200)
  assert.deepEqual(taken(await quotaOf('user', bob.id)), [900, 2])
  assert.equal(codeOf(await ask(bob, 'two.txt', 401)), 'quota-exceeded')
  await upload(bob.api, bob.bucket, 'two.txt', 'x'.repeat(400))
  // What replaces a file needs room for the difference alone.
  assert.equal(codeOf(await ask(bob, 'one.txt', 600)), 'ok')
  assert.equal(codeOf(await ask(bob, 'three.txt', 0)), 'quota-exceeded')
  assert.equal(codeOf(await bob.api.post('/s3/folder', { bucket: bob.bucket, key: 'folder/' })), 'quota-exceeded')
  const given = (await ask(bob, 'two.txt', 400)).json<Vended>()
  assert.ok(Date.parse(given.expiresAt) - Date.now() <= 15 * 60_000, given.expiresAt)

  const amy = await newPerson('amy')
  for (const key of ['a.txt', 'b.txt', 'c.txt']) await upload(amy.api, amy.bucket, key, 'x'.repeat(300))
  await setQuota('user', amy.id, { maxBytes: 1000 })
  assert.equal(codeOf(await ask(amy, 'd.txt', 300)), 'quota-exceeded')
  assert.equal((await remove(amy.api, amy.bucket, 'a.txt')).status, 204)
  assert.deepEqual(taken(await quotaOf('user', amy.id)), [600, 2])
  assert.equal(codeOf(await ask(amy, 'd.txt', 300)), 'ok')
  const many = await amy.api.post('/s3/delete', { bucket: amy.bucket, keys: ['b.txt', 'c.txt'] })
  assert.equal(many.status, 200, many.text)
  await poll('a deletion of many frees', WITHIN_MS, async () => (await quotaOf('user', amy.id)).usedObjects === 0)
})

test('a multipart upload reserves its size, and is refused at its end where the quota was lowered', async () => {
  const eve = await newPerson('eve')
  await setQuota('user', eve.id, { maxBytes: 10_000_000 })
  const { api, bucket } = eve
  const start = (key: string, size: number): Promise<Answer> => api.post('/s3/multipart', { bucket, key, size })
  assert.equal(codeOf(await start('large.bin', 10_000_001)), 'quota-exceeded')
  const finish = async (key: string, size: number): Promise<Answer> => {
    const { uploadId } = (await start(key, size)).json<{ uploadId: string }>()
    const signed = await api.post('/s3/multipart/parts', { bucket, key, uploadId, partNumbers: [1] })
    const [part] = signed.json<{ parts: { url: string; headers: Record<string, string> }[] }>().parts
    const put = await use({ ...part!, method: 'PUT', expiresAt: '' }, Buffer.alloc(size))
    assert.equal(put.status, 200, put.text)
    if (key === 'late.bin') await setQuota('user', eve.id, { maxBytes: 5_000_000 })
    const parts = [{ partNumber: 1, etag: String(put.headers['etag']) }]
    const done = await api.post('/s3/multipart/complete', { bucket, key, uploadId, parts })
    if (done.status !== 200)
      assert.equal(
        (await api.delete(`/s3/multipart?bucket=${bucket}&key=${key}&uploadId=${encodeURIComponent(uploadId)}`)).status,
        204,
      )
    return done
  }
  assert.equal(codeOf(await finish('a.bin', 4_000_000)), 'ok')
  const whole = await quotaOf('user', eve.id)
  assert.deepEqual([whole.usedBytes, whole.reservedBytes], [4_000_000, 0])
  assert.equal(codeOf(await finish('late.bin', 3_000_000)), 'quota-exceeded')
  const after = await quotaOf('user', eve.id)
  assert.deepEqual([after.usedBytes, after.reservedBytes], [4_000_000, 0])
  const form = (maxSize: number): Promise<Answer> =>
    api.post('/s3/presigned-post', { bucket, key: 'form.txt', maxSize })
  assert.deepEqual([codeOf(await form(1_000_001)), codeOf(await form(1000))], ['quota-exceeded', 'ok'])
})

test('the members of a group share its quota, and each bucket has its own', async () => {
  const [one, two] = [await newPerson('one'), await newPerson('two')]
  const { id } = (await admin.post('/groups', { name: 'team' })).json<{ id: string }>()
  for (const person of [one, two]) assert.ok((await admin.put(`/groups/${id}/members/${person.id}`, {})).status < 300)
  await setQuota('group', id, { maxBytes: 1000 })
  await upload(one.api, one.bucket, 'a.txt', 'x'.repeat(700))
  const asked = [400, 200, 200].map((size, i) => ask(two, `${i}.txt`, size))
  const codes = (await Promise.all(asked)).map(codeOf)
  assert.deepEqual(codes.filter((code) => code === 'ok').length, 1, codes.join())
  assert.equal((await quotaOf('group', id)).name, 'team')

  const bucket = 'quota-of-a-bucket'
  assert.ok((await admin.post('/buckets', { name: bucket, mode: 'create' })).status < 300)
  await poll(
    'the bucket is there',
    WITHIN_MS,
    async () => (await admin.get(`/buckets/default/${bucket}`)).json<{ state: string }>().state === 'ready',
  )
  const principal = { kind: 'user', userId: one.id }
  await admin.post('/permissions', { principal, bucket, prefix: '', actions: ['read', 'write', 'list', 'delete'] })
  await setQuota('bucket', bucket, { maxBytes: 500 })
  assert.equal(codeOf(await ask({ ...one, bucket }, 'x.txt', 501)), 'quota-exceeded')
  await upload(one.api, bucket, 'x.txt', 'x'.repeat(500))
  // Credentials write without being counted: none where there is no room.
  const wish = (actions: string[]): Promise<Answer> => one.api.post('/credentials', { bucket, actions })
  assert.deepEqual([codeOf(await wish(['write'])), codeOf(await wish(['read']))], ['quota-exceeded', 'ok'])
})

test('a copy needs room, a rename does not', async () => {
  const max = await newPerson('max')
  await upload(max.api, max.bucket, 'a.txt', 'x'.repeat(600))
  await setQuota('user', max.id, { maxBytes: 1000 })
  const job = async (what: string, to: string): Promise<string> => {
    const asked = await max.api.post(`/s3/${what}`, {
      from: { bucket: max.bucket, key: 'a.txt' },
      to: { bucket: max.bucket, key: to },
    })
    const { id } = asked.json<{ id: string }>()
    let state = ''
    await poll(`${what} ends`, WITHIN_MS, async () => {
      state = (await max.api.get(`/jobs/${id}`)).json<{ state: string }>().state
      return state === 'done' || state === 'failed'
    })
    return state
  }
  assert.equal(await job('copy', 'b.txt'), 'failed')
  assert.equal(await job('move', 'b.txt'), 'done')
  assert.deepEqual(taken(await quotaOf('user', max.id)), [600, 1])
})

test('a drop box keeps to the quota of its owner, without telling strangers what is there', async () => {
  const zoe = await newPerson('zoe')
  await setQuota('user', zoe.id, { maxBytes: 1000 })
  const made = await zoe.api.post('/shares', { bucket: zoe.bucket, prefix: 'inbox/', upload: true })
  const { token, id } = made.json<{ token: string; id: string }>()
  const offer = (size: number): Promise<Answer> =>
    apiOf(system.url, undefined).post(`/shared/${token}/upload`, { name: 'a.txt', size })
  const refused = await offer(1001)
  assert.equal(codeOf(refused), 'quota-exceeded')
  assert.ok(!refused.text.includes('1000'), refused.text)
  const answers = await Promise.all(Array.from({ length: 10 }, () => offer(300)))
  assert.equal(answers.filter(({ status }) => status === 200).length, 3)
  const { shares } = (await zoe.api.get('/shares')).json<{ shares: { id: string; uses: number }[] }>()
  assert.equal(shares.find((each) => each.id === id)?.uses, 3)
})

test('what the store got behind the back of the counter is found by counting again', async () => {
  const kim = await newPerson('kim')
  const early = await vend(kim.api, { bucket: kim.bucket, key: 'early.txt', operation: 'put' })
  await setQuota('user', kim.id, { maxBytes: 1000 })
  assert.equal((await use(early, 'x'.repeat(900))).status, 200)
  assert.deepEqual(taken(await quotaOf('user', kim.id)), [0, 0])
  assert.equal((await admin.post(`/quotas/user/${kim.id}/recount`, {})).status, 204)
  await poll('the count is mended', WITHIN_MS, async () => (await quotaOf('user', kim.id)).usedBytes === 900)
  assert.equal(codeOf(await ask(kim, 'more.txt', 101)), 'quota-exceeded')
})

test('only administrators set quotas; every user can have one; none is left after its deletion', async () => {
  const pat = await newPerson('pat')
  assert.equal((await pat.api.put(`/quotas/user/${pat.id}`, { maxBytes: 1 })).status, 403)
  assert.equal((await pat.api.get('/quotas')).status, 403)
  for (const [kind, id, body, code] of [
    ['user', 'usr_01kaj7x2v9c4t0m8q3n5p6r7s8', { maxBytes: 1 }, 'not-found'],
    ['bucket', 'no-such-bucket', { maxBytes: 1 }, 'not-found'],
    ['user', pat.id, {}, 'invalid-request'],
    ['user', pat.id, { maxBytes: -1 }, 'invalid-request'],
    ['planet', 'x', { maxBytes: 1 }, 'invalid-request'],
  ] as const) {
    assert.equal(codeOf(await admin.put(`/quotas/${kind}/${id}`, body)), code, `${kind} ${id}`)
  }
  assert.equal((await admin.put('/quotas/user/everyone', { maxBytes: 100 })).status, 200)
  assert.equal(codeOf(await ask(pat, 'a.txt', 101)), 'quota-exceeded')
  await setQuota('user', pat.id, { maxBytes: 200 })
  assert.equal(codeOf(await ask(pat, 'a.txt', 101)), 'ok')
  assert.equal((await admin.delete('/quotas/user/everyone')).status, 204)
  assert.equal((await admin.delete(`/quotas/user/${pat.id}`)).status, 204)
  assert.equal(codeOf(await admin.delete(`/quotas/user/${pat.id}`)), 'not-found')
  assert.equal(codeOf(await ask(pat, 'b.txt')), 'ok')
})
