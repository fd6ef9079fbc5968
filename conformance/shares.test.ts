import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Api, apiOf, auditEvents, type Home, type Problem, signInAsAdmin, type Vended } from './api.ts'
import { list, upload, use } from './client-steps.ts'
import type { Answer } from './http.ts'
import { poll } from './poll.ts'
import { startSystem, type System } from './system.ts'

interface Created {
  readonly id: string
  readonly token: string
  readonly url: string
}
interface Share {
  readonly id: string
  readonly uses: number
  readonly state: string
  readonly ownerName: string
}

const PASSWORD = 'seven brave turnips'

let system: System
let admin: Api
let ada: Api
let adaId: string
let bucket: string
const anyone = (): Api => apiOf(system.url, undefined)

async function newPerson(email: string): Promise<{ api: Api; id: string }> {
  const made = await admin.post('/users', { email, password: PASSWORD, name: email })
  assert.equal(made.status, 201, made.text)
  const login = await anyone().post('/auth/login', { email, password: PASSWORD })
  const { access_token } = login.json<{ access_token: string }>()
  return { api: apiOf(system.url, access_token), id: made.json<{ id: string }>().id }
}

async function share(wish: object, owner = ada): Promise<Created> {
  const answer = await owner.post('/shares', { bucket, ...wish })
  assert.equal(answer.status, 201, answer.text)
  return answer.json<Created>()
}

const visit = (token: string, what: string, body: object = {}): Promise<Answer> =>
  anyone().post(`/shared/${token}/${what}`, body)
const open = (token: string): Promise<Answer> => anyone().get(`/shared/${token}`)
const codeOf = (answer: Answer): string => (answer.status < 300 ? 'ok' : answer.json<Problem>().code)
/** What a stranger is told, without what differs in every answer. */
const toldBy = (answer: Answer): object => ({ ...answer.json<object>(), requestId: '' })

async function shareOf(id: string, owner = ada): Promise<Share> {
  const { shares } = (await owner.get('/shares?limit=1000')).json<{ shares: Share[] }>()
  const found = shares.find((each) => each.id === id)
  assert.ok(found, id)
  return found
}

before(async () => {
  system = await startSystem()
  admin = await signInAsAdmin(system)
  ;({ api: ada, id: adaId } = await newPerson('ada@example.org'))
  bucket = (await ada.get('/home')).json<Home>().bucket
  for (const key of ['a/b/one.txt', 'a/b/deep/two.txt', 'a/bc/secret.txt', 'top.txt'])
    await upload(ada, bucket, key, key)
})
after(() => system?.[Symbol.asyncDispose]())

test('a file is downloaded by its link without an account, as an attachment, and all of it is in the log', async () => {
  const { id, token, url } = await share({ key: 'top.txt', name: 'For you' })
  assert.match(token, /^skys_[\w-]{43}$/)
  assert.ok(url.endsWith(`/s/${token}`), url)
  const shown = await open(token)
  assert.deepEqual(shown.json(), {
    passwordRequired: false,
    kind: 'file',
    name: 'For you',
    size: 7,
    expiresAt: null,
    maxSize: null,
    contentTypes: null,
  })
  const given = await visit(token, 'download')
  assert.equal(given.status, 200, given.text)
  const got = await use(given.json<Vended>())
  assert.equal(got.text, 'top.txt')
  assert.match(String(got.headers['content-disposition']), /^attachment; filename="top\.txt"/)
  assert.ok(Date.parse(given.json<Vended>().expiresAt) - Date.now() <= 60_000)

  assert.deepEqual([(await shareOf(id)).uses, (await shareOf(id)).state], [1, 'active'])
  await ada.delete(`/shares/${id}`)
  const events = (await auditEvents(admin, '/audit/logs')) as unknown as {
    action: string
    userId: string | null
    targetUserId: string | null
    door: string
    outcome: string
    detail: { shareId?: string }
  }[]
  const told = events
    .filter(({ detail }) => detail?.shareId === id)
    .map(({ action, userId, targetUserId, door, outcome }) => [action, userId, targetUserId, door, outcome])
  assert.deepEqual(told.toReversed(), [
    ['share.create', adaId, adaId, 'rest', 'allow'],
    ['share.open', null, adaId, 'rest', 'allow'],
    ['share.use', null, adaId, 'rest', 'allow'],
    ['share.revoke', adaId, adaId, 'rest', 'allow'],
  ])
  assert.ok(!system.log().includes(token), 'the token is in the log')
})

test('of a shared folder a stranger gets what is in it, and no way leads out of it', async () => {
  const { token } = await share({ prefix: 'a/b/' })
  const listed = (await visit(token, 'list')).json<{ files: { path: string }[]; folders: string[] }>()
  assert.deepEqual([listed.files.map(({ path }) => path), listed.folders], [['one.txt'], ['deep/']])
  const deeper = (await visit(token, 'list', { folder: 'deep/' })).json<{ files: { path: string }[] }>()
  assert.deepEqual(
    deeper.files.map(({ path }) => path),
    ['deep/two.txt'],
  )
  const got = await use((await visit(token, 'download', { path: 'deep/two.txt' })).json<Vended>())
  assert.equal(got.text, 'a/b/deep/two.txt')
  for (const path of [
    '../bc/secret.txt',
    '../../top.txt',
    'deep/../../bc/secret.txt',
    './one.txt',
    '..\\bc\\secret.txt',
    '/a/bc/secret.txt',
    'c/secret.txt',
    '',
    'gone.txt',
  ]) {
    const answer = await visit(token, 'download', { path })
    assert.ok(['not-found', 'invalid-key'].includes(codeOf(answer)), `${path}: ${answer.text}`)
  }
  for (const folder of ['../', '../bc/', 'deep', 'deep/../../', '/', '//', '.']) {
    const answer = await visit(token, 'list', { folder })
    assert.equal(codeOf(answer), 'invalid-request', `${folder}: ${answer.text}`)
  }
  const beside = await visit((await share({ prefix: 'a/b/' })).token, 'list', { folder: 'c/' })
  assert.deepEqual(beside.json<{ files: object[] }>().files, [])
  for (const prefix of ['a/b', '/a/', 'a//', 'a/../']) {
    assert.equal(codeOf(await ada.post('/shares', { bucket, prefix })), 'invalid-request', prefix)
  }
})

test('unknown, expired, revoked and used-up links are told alike; only the owner sees why', async () => {
  const revoked = await share({ key: 'top.txt' })
  assert.equal((await ada.delete(`/shares/${revoked.id}`)).status, 204)
  const usedUp = await share({ key: 'top.txt', maxDownloads: 1 })
  assert.equal((await visit(usedUp.token, 'download')).status, 200)
  const expired = await share({
    key: 'top.txt',
    password: 'open sesame',
    expiresAt: new Date(Date.now() + 5000).toISOString(),
  })
  await poll('the link expires', 30_000, async () => (await open(expired.token)).status === 404)
  const tokens = [`skys_${'x'.repeat(43)}`, 'junk', revoked.token, usedUp.token, expired.token]
  const [first, ...others] = await Promise.all(tokens.map(open))
  assert.equal(first!.status, 404)
  for (const other of others) assert.deepEqual(toldBy(other), toldBy(first!))
  for (const what of ['download', 'list', 'upload', 'unlock']) {
    const body = what === 'upload' ? { name: 'x', size: 1 } : what === 'unlock' ? { password: 'x' } : {}
    const answers = await Promise.all(tokens.map((token) => visit(token, what, body)))
    for (const answer of answers) assert.deepEqual(toldBy(answer), toldBy(first!), what)
  }
  const states = [await shareOf(revoked.id), await shareOf(usedUp.id), await shareOf(expired.id)].map(
    ({ state }) => state,
  )
  assert.deepEqual(states, ['revoked', 'used-up', 'expired'])
})

test('twenty at once get no more downloads than the link has', async () => {
  const { id, token } = await share({ key: 'top.txt', maxDownloads: 5 })
  const answers = await Promise.all(Array.from({ length: 20 }, () => visit(token, 'download')))
  assert.equal(answers.filter(({ status }) => status === 200).length, 5)
  assert.equal(answers.filter(({ status }) => status === 404).length, 15)
  assert.equal((await shareOf(id)).uses, 5)
})

test('a link gives no more than its creator may do at that moment', async () => {
  const { api: eve, id: eveId } = await newPerson('eve@example.org')
  assert.equal(codeOf(await eve.post('/shares', { bucket, key: 'top.txt' })), 'forbidden')
  const principal = { kind: 'user', userId: eveId }
  const wish = { principal, bucket, prefix: 'a/b/', actions: ['read', 'list'] }
  const granted = await admin.post('/permissions', wish)
  const permissionId = granted.json<{ id: string }>().id
  const { id, token } = await share({ prefix: 'a/b/' }, eve)
  assert.equal(codeOf(await eve.post('/shares', { bucket, prefix: 'a/' })), 'forbidden')
  assert.equal(codeOf(await eve.post('/shares', { bucket, prefix: 'a/b/', upload: true })), 'forbidden')
  assert.equal((await visit(token, 'download', { path: 'one.txt' })).status, 200)
  await admin.delete(`/permissions/${permissionId}`)
  for (const answer of [
    await open(token),
    await visit(token, 'list'),
    await visit(token, 'download', { path: 'one.txt' }),
  ]) {
    assert.equal(codeOf(answer), 'not-found')
  }
  assert.deepEqual([(await shareOf(id, eve)).state, (await shareOf(id, eve)).uses], ['no-permission', 1])

  await admin.post('/permissions', wish)
  assert.equal((await open(token)).status, 200)
  const state = (value: string) =>
    admin.put(`/users/${eveId}`, { name: 'Eve', isAdmin: false, state: value, groups: [] })
  assert.equal((await state('suspended')).status, 200)
  assert.equal(codeOf(await open(token)), 'not-found')
  assert.equal((await state('active')).status, 200)
  assert.equal((await open(token)).status, 200)
  assert.ok((await admin.delete(`/users/${eveId}`)).status < 300)
  assert.equal(codeOf(await open(token)), 'not-found')
})

test('without its password a link says only that it has one, and guessing ends soon', async () => {
  const { token } = await share({ key: 'top.txt', password: 'open sesame' })
  const shut = (await open(token)).json<{ passwordRequired: boolean; name: string | null }>()
  assert.deepEqual([shut.passwordRequired, shut.name], [true, null])
  assert.equal(codeOf(await visit(token, 'download')), 'forbidden')
  assert.equal(codeOf(await visit(token, 'download', { pass: '9999999999999.x2v9' })), 'forbidden')
  const unlocked = await visit(token, 'unlock', { password: 'open sesame' })
  const { pass, name } = unlocked.json<{ pass: string; name: string }>()
  assert.equal(name, 'top.txt')
  assert.equal((await visit(token, 'download', { pass })).status, 200)
  const other = await share({ key: 'top.txt', password: 'open sesame' })
  assert.equal(codeOf(await visit(other.token, 'download', { pass })), 'forbidden')

  const guesses = await Promise.all(
    Array.from({ length: 30 }, (_, i) => visit(token, 'unlock', { password: `guess ${i}` })),
  )
  const codes = guesses.map(codeOf)
  assert.deepEqual([codes.filter((code) => code === 'forbidden').length, new Set(codes).size], [10, 2])
  const late = await visit(token, 'unlock', { password: 'open sesame' })
  assert.deepEqual([late.status, Number(late.headers['retry-after']) > 0], [429, true])
  // Who had entered it before is not kept out by a guesser.
  assert.equal((await visit(token, 'download', { pass })).status, 200)
})

test('a drop box takes files of its size and type, replaces nothing, and shows nothing', async () => {
  await upload(ada, bucket, 'inbox/report.pdf', 'of Ada')
  const wish = {
    prefix: 'inbox/',
    upload: true,
    maxSize: 100,
    contentTypes: ['application/pdf', 'image/*'],
    maxUploads: 4,
  }
  const { id, token } = await share(wish)
  const file = { name: 'report.pdf', size: 5, contentType: 'application/pdf' }
  const given = (await visit(token, 'upload', file)).json<Vended>()
  assert.equal(given.headers['if-none-match'], '*')
  assert.notEqual((await use({ ...given, headers: { ...given.headers, 'content-length': '6' } }, '123456')).status, 200)
  const { 'if-none-match': _, ...without } = given.headers
  assert.equal((await use({ ...given, headers: without }, '12345')).status, 403)
  assert.equal((await use(given, '12345')).status, 200)
  assert.equal((await use(given, '67890')).status, 412)
  const again = (await visit(token, 'upload', file)).json<Vended>()
  assert.equal((await use(again, 'again')).status, 200)
  const { objects } = await list(ada, bucket, { prefix: 'inbox/' })
  assert.deepEqual(
    objects.map(({ size }) => size).toSorted((a, b) => a - b),
    [5, 5, 6],
  )
  assert.ok(objects.some(({ key }) => key === 'inbox/report.pdf'))

  assert.equal(codeOf(await visit(token, 'upload', { ...file, size: 101 })), 'invalid-request')
  assert.equal(codeOf(await visit(token, 'upload', { ...file, contentType: 'text/html' })), 'invalid-request')
  for (const name of ['../top.txt', 'x/y.pdf', '..', '.', 'a\\b', 'a\u0000']) {
    assert.ok(
      ['invalid-key', 'invalid-request'].includes(codeOf(await visit(token, 'upload', { ...file, name }))),
      name,
    )
  }
  assert.equal(codeOf(await visit(token, 'list')), 'not-found')
  assert.equal(codeOf(await visit(token, 'download', { path: 'report.pdf' })), 'not-found')
  assert.equal(codeOf(await visit((await share({ prefix: 'a/b/' })).token, 'upload', file)), 'not-found')
  const more = await Promise.all(
    Array.from({ length: 10 }, () => visit(token, 'upload', { ...file, contentType: 'image/png' })),
  )
  assert.deepEqual([more.filter(({ status }) => status === 200).length, (await shareOf(id)).uses], [2, 4])
})

test("a link's token is no sign-in, and an access token makes and lists no links", async () => {
  const { token, id } = await share({ prefix: '' })
  const asBearer = apiOf(system.url, token)
  for (const path of ['/auth/me', '/shares', `/s3/list/${bucket}`, '/sharing']) {
    assert.equal((await asBearer.get(path)).status, 401, path)
  }
  assert.equal((await asBearer.post('/s3/presigned-url', { bucket, key: 'top.txt', operation: 'get' })).status, 401)
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
  const made = await ada.post('/auth/tokens', { name: 'Robot', expiresAt, scopes: [{ actions: ['read', 'list'] }] })
  const robot = apiOf(system.url, made.json<{ token: string }>().token)
  assert.equal((await robot.get('/shares')).status, 403)
  assert.equal((await robot.post('/shares', { bucket, key: 'top.txt' })).status, 403)
  assert.equal((await robot.delete(`/shares/${id}`)).status, 403)
})

test('an administrator sees the links of all, and switches off one or all of them', async () => {
  const { api: bob } = await newPerson('bob@example.org')
  const one = await share({ key: 'top.txt' })
  const other = await share({ key: 'top.txt' })
  assert.equal((await bob.get('/shares/all')).status, 403)
  assert.equal(codeOf(await bob.delete(`/shares/${one.id}`)), 'not-found')
  assert.equal((await open(one.token)).status, 200)
  const all = (await admin.get('/shares/all?limit=2')).json<{ shares: Share[]; nextCursor: string | null }>()
  assert.deepEqual(
    all.shares.map(({ id, ownerName }) => [id, ownerName]),
    [other, one].map(({ id }) => [id, 'ada@example.org']),
  )
  const next = (await admin.get(`/shares/all?limit=2&cursor=${all.nextCursor}`)).json<{ shares: Share[] }>()
  assert.ok(next.shares.every(({ id }) => id !== one.id && id !== other.id))
  assert.equal((await admin.delete(`/shares/${one.id}`)).status, 204)
  assert.equal(codeOf(await open(one.token)), 'not-found')

  assert.equal((await bob.put('/sharing', { enabled: false })).status, 403)
  assert.equal((await admin.put('/sharing', { enabled: false })).status, 200)
  assert.equal(codeOf(await open(other.token)), 'not-found')
  assert.equal(codeOf(await visit(other.token, 'download')), 'not-found')
  assert.equal(codeOf(await ada.post('/shares', { bucket, key: 'top.txt' })), 'forbidden')
  assert.deepEqual((await ada.get('/sharing')).json(), { enabled: false })
  assert.equal((await admin.put('/sharing', { enabled: true })).status, 200)
  assert.equal((await open(other.token)).status, 200)
})

test('mistakes in a wish are told with their place, and nothing is made', async () => {
  const future = new Date(Date.now() + 3_600_000).toISOString()
  const count = async (): Promise<number> =>
    (await ada.get('/shares?limit=1000')).json<{ shares: object[] }>().shares.length
  const earlier = await count()
  for (const wish of [
    {},
    { key: 'top.txt', prefix: 'a/' },
    { key: 'top.txt', upload: true },
    { key: 'top.txt', maxSize: 5 },
    { prefix: 'a/', upload: true, maxDownloads: 5 },
    { key: 'top.txt', expiresAt: '2020-01-01T00:00:00Z' },
    { key: 'top.txt', password: '123' },
    { key: 'top.txt', maxDownloads: 0 },
    { key: 'top.txt', name: ' ' },
    { prefix: 'a/', upload: true, contentTypes: ['*'] },
    { key: 'top.txt', expiresAt: future, more: 1 },
  ]) {
    assert.equal(codeOf(await ada.post('/shares', { bucket, ...wish })), 'invalid-request', JSON.stringify(wish))
  }
  assert.equal(codeOf(await ada.post('/shares', { bucket, key: 'a/../top.txt' })), 'invalid-key')
  assert.equal(codeOf(await ada.post('/shares', { bucket, key: 'gone.txt' })), 'not-found')
  assert.equal(await count(), earlier)
})

test('a stranger who tries tokens is told to wait', async () => {
  const tries = Array.from({ length: 110 }, (_, i) => open(`skys_${String(i).padStart(43, '0')}`))
  for (const answer of await Promise.all(tries)) assert.ok([404, 429].includes(answer.status))
  const next = await open(`skys_${'y'.repeat(43)}`)
  assert.deepEqual([next.status, Number(next.headers['retry-after']) > 0], [429, true])
})
