import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Api, apiOf, type AuditEvent, auditEvents, signInAsAdmin, type Tokens } from './api.ts'
import { download, home, list, remove, upload, use, vend } from './client-steps.ts'
import { HOSTILE_KEYS } from './hostile-keys.ts'
import { type Answer, request } from './http.ts'
import { startSystem, type System } from './system.ts'

const WEB_ORIGIN = 'https://files.example.test'
let system: System
let api: Api

before(async () => {
  system = await startSystem({ env: { SKYCRATE_WEB_ORIGINS: WEB_ORIGIN } })
  api = await signInAsAdmin(system)
})
after(() => system[Symbol.asyncDispose]())

test('a token, a home, an upload, a listing, a download and a deletion; the audit log tells of just that', async () => {
  await using fresh = await startSystem()
  const requestIds: string[] = []
  const note = (answer: Answer): Answer => {
    requestIds.push(String(answer.headers['x-request-id']))
    return answer
  }

  const login = note(await apiOf(fresh.url, undefined).post('/auth/login', fresh.admin))
  assert.equal(login.status, 200, login.text)
  const tokens = login.json<Tokens>()
  assert.equal(tokens.token_type, 'Bearer')
  assert.ok(tokens.expires_in > 0 && tokens.refresh_token.length > 20)
  const me = apiOf(fresh.url, tokens.access_token)
  const { id: userId } = (await me.get('/auth/me')).json<{ id: string }>()

  const made = note(await me.get('/home'))
  assert.equal(made.status, 200, made.text)
  const { bucket, prefix, state, region } = made.json<{
    bucket: string
    prefix: string
    state: string
    region: string
  }>()
  assert.match(bucket, /^skycrate-[a-z0-9-]+$/)
  assert.deepEqual({ prefix, state, region }, { prefix: '', state: 'ready', region: 'us-east-1' })
  assert.equal((await home(me)).bucket, bucket)

  const key = 'reports/2026 – été.bin'
  const bytes = randomBytes(300_000)
  const put = note(
    await me.post('/s3/presigned-url', {
      bucket,
      key,
      operation: 'put',
      contentType: 'application/x-test',
      contentLength: bytes.length,
      expiresIn: 600,
    }),
  ).json<{ url: string; method: string; headers: Record<string, string>; expiresAt: string }>()
  assert.ok(put.url.startsWith(`${fresh.s3Url}/`), 'bytes go straight to S3')
  const lasts = Date.parse(put.expiresAt) - Date.now()
  assert.ok(lasts > 570_000 && lasts <= 600_000, `${lasts} ms`)
  const stored = await use(put, bytes)
  assert.equal(stored.status, 200, stored.text)

  const folders = note(await me.get(`/s3/list/${bucket}?delimiter=/`)).json<{ prefixes: string[]; objects: object[] }>()
  assert.deepEqual(
    { ...folders, objects: folders.objects.length },
    { prefixes: ['reports/'], objects: 0, nextCursor: null, keepsVersions: true },
  )
  const inside = note(await me.get(`/s3/list/${bucket}?prefix=reports/`)).json<{
    objects: { key: string; size: number; etag: string }[]
  }>()
  assert.deepEqual(
    inside.objects.map((each) => [each.key, each.size, each.etag]),
    [[key, bytes.length, createHash('md5').update(bytes).digest('hex')]],
  )

  const get = note(await me.post('/s3/presigned-url', { bucket, key, operation: 'get' })).json<typeof put>()
  const fetched = await use(get)
  assert.equal(fetched.status, 200, fetched.text)
  assert.ok(fetched.body.equals(bytes), 'the same bytes come back')
  assert.equal(fetched.headers['content-type'], 'application/x-test')

  const head = note(await me.post('/s3/presigned-url', { bucket, key, operation: 'head' })).json<typeof put>()
  const looked = await use(head)
  assert.deepEqual([looked.status, looked.headers['content-length']], [200, String(bytes.length)])

  const gone = note(await remove(me, bucket, key))
  assert.equal(gone.status, 204, gone.text)
  assert.deepEqual(note(await me.get(`/s3/list/${bucket}`)).json<{ objects: object[] }>().objects, [])
  assert.equal((await use(get)).status, 404)

  const expected: Pick<AuditEvent, 'action' | 'bucket' | 'key' | 'requestId'>[] = [
    ['auth.login', null, null],
    ['home.create', bucket, null],
    ['object.put', bucket, key],
    ['object.list', bucket, ''],
    ['object.list', bucket, 'reports/'],
    ['object.get', bucket, key],
    ['object.head', bucket, key],
    ['object.delete', bucket, key],
    ['object.list', bucket, ''],
  ].map(([action, inBucket, of], index) => ({
    action: action ?? '',
    bucket: inBucket ?? null,
    key: of ?? null,
    requestId: requestIds[index] ?? '',
  }))
  // What the start recorded, and the reading of the log itself.
  const READ_OR_START = new Set(['user.create', 'audit.read'])
  for (const path of ['/audit/my-activity', '/audit/logs'] as const) {
    const events = (await auditEvents(me, path)).filter((event) => !READ_OR_START.has(event.action)).toReversed()
    assert.deepEqual(
      events.map((event) => ({
        action: event.action,
        bucket: event.bucket,
        key: event.key ?? (event.action === 'object.list' ? '' : null),
        requestId: event.requestId,
      })),
      expected,
      path,
    )
    assert.ok(events.every((event) => event.outcome === 'allow' && event.userId === userId))
    assert.deepEqual(
      events.map((event) => Date.parse(event.at)),
      events.map((event) => Date.parse(event.at)).toSorted((a, b) => a - b),
    )
  }
  const puts = (await me.get('/audit/logs?action=object.put&outcome=allow')).json<{ events: AuditEvent[] }>().events
  assert.deepEqual(
    puts.map((event) => event.key),
    [key],
  )
})

test('legal keys that clients and routers like to bend come back as they were, through every operation', async () => {
  const { bucket } = await home(api)
  const mangled: string[] = []
  for (const key of HOSTILE_KEYS) {
    await upload(api, bucket, key, `the bytes of ${key}`)
  }
  const listed: string[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const page = await list(api, bucket, { limit: '7', ...(cursor === '' ? {} : { cursor }) })
    listed.push(...page.objects.map((object) => object.key))
    cursor = page.nextCursor
  }
  const inS3Order = HOSTILE_KEYS.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  assert.deepEqual(listed, inS3Order)
  for (const key of HOSTILE_KEYS) {
    if ((await download(api, bucket, key)).toString() !== `the bytes of ${key}`) mangled.push(key)
    const gone = await remove(api, bucket, key)
    assert.equal(gone.status, 204, `${JSON.stringify(key)}: ${gone.text}`)
  }
  assert.deepEqual(mangled, [])
  assert.deepEqual((await list(api, bucket)).objects, [])
  const deleted = (await auditEvents(api, '/audit/my-activity')).filter((event) => event.action === 'object.delete')
  assert.deepEqual(deleted.map((event) => event.key).toReversed(), HOSTILE_KEYS)
})

test('folders and pages: every object and folder is listed exactly once', async () => {
  const { bucket } = await home(api)
  const keys = ['a/1', 'a/2', 'a/b/3', 'b/4', 'c', 'd/', 'd/5', 'e+f', 'g h/6', 'ü/7'].map((key) => `pages/${key}`)
  for (const key of keys) await upload(api, bucket, key, key)
  for (const limit of ['1', '2', '3', '1000']) {
    const objects: string[] = []
    const prefixes: string[] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const page = await list(api, bucket, {
        prefix: 'pages/',
        delimiter: '/',
        limit,
        ...(cursor === '' ? {} : { cursor }),
      })
      assert.ok(page.objects.length + page.prefixes.length <= Number(limit))
      objects.push(...page.objects.map((object) => object.key))
      prefixes.push(...page.prefixes)
      cursor = page.nextCursor
    }
    assert.deepEqual(objects, ['pages/c', 'pages/e+f'])
    assert.deepEqual(prefixes, ['pages/a/', 'pages/b/', 'pages/d/', 'pages/g h/', 'pages/ü/'])
  }
  const invented = await api.get(`/s3/list/${bucket}?prefix=pages/&cursor=bm90LWEtY3Vyc29y`)
  assert.ok([200, 400].includes(invented.status), invented.text)
  for (const key of keys) await remove(api, bucket, key)
})

test('what was signed is what S3 takes: length, type, method, key and time', async () => {
  const { bucket } = await home(api)
  const key = 'signed.txt'
  const wish = { bucket, key, operation: 'put', contentType: 'text/plain', contentLength: 5 }
  const vended = await vend(api, wish)

  const refused = {
    'another length': await use(vended, '123456', { 'content-length': '6' }),
    'another type': await use(vended, '12345', { 'content-type': 'text/html' }),
    'another method': await request(vended.url, { headers: vended.headers }),
    'another key': await use({ ...vended, url: vended.url.replace('signed.txt', 'other.txt') }, '12345'),
    'a longer life': await use(
      { ...vended, url: vended.url.replace(/X-Amz-Expires=\d+/, 'X-Amz-Expires=604800') },
      '12345',
    ),
    'another signature': await use(
      { ...vended, url: vended.url.replace(/.$/, (last) => (last === '0' ? '1' : '0')) },
      '12345',
    ),
  }
  for (const [what, answer] of Object.entries(refused)) assert.equal(answer.status, 403, `${what}: ${answer.text}`)
  assert.deepEqual((await list(api, bucket)).objects, [], 'nothing of it was stored')

  assert.equal((await use(vended, '12345')).status, 200)
  const shortLived = await vend(api, { bucket, key, operation: 'get', expiresIn: 1 })
  await sleep(2100)
  assert.equal((await use(shortLived)).status, 403)

  const deletion = await vend(api, { bucket, key, operation: 'delete' })
  assert.equal((await use(deletion)).status, 204)
  assert.equal((await use(await vend(api, { bucket, key, operation: 'get' }))).status, 404)
})

test('a vended download gives ranges, and a file name that survives its alphabet', async () => {
  const { bucket } = await home(api)
  const key = 'ranges.bin'
  await upload(api, bucket, key, '0123456789')
  const vended = await vend(api, { bucket, key, operation: 'get', downloadAs: 'Bericht – été "1".txt' })
  for (const [range, status, body] of [
    ['bytes=0-3', 206, '0123'],
    ['bytes=7-', 206, '789'],
    ['bytes=-2', 206, '89'],
    ['bytes=20-30', 416, undefined],
  ] as const) {
    const answer = await use(vended, undefined, { range })
    assert.equal(answer.status, status, range)
    if (body !== undefined) assert.equal(answer.text, body)
  }
  const disposition = String((await use(vended)).headers['content-disposition'])
  assert.match(
    disposition,
    /^attachment; filename="Bericht _ ete _1_\.txt"; filename\*=UTF-8''Bericht%20%E2%80%93%20%C3%A9t%C3%A9%20%221%22\.txt$/,
  )
  await remove(api, bucket, key)
})

test('S3 lets pages of the web origins in, and no others', async () => {
  const { bucket } = await home(api)
  const vended = await vend(api, { bucket, key: 'cors.txt', operation: 'put', contentType: 'text/plain' })
  const preflight = (origin: string): Promise<Answer> =>
    request(vended.url, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'content-type',
      },
    })
  for (const origin of [WEB_ORIGIN, system.url.replace('127.0.0.1', 'localhost')]) {
    const answer = await preflight(origin)
    assert.equal(answer.status, 200, `${origin}: ${answer.text}`)
    assert.ok(['*', origin].includes(String(answer.headers['access-control-allow-origin'])), origin)
    assert.match(String(answer.headers['access-control-allow-methods']), /PUT/)
    assert.match(String(answer.headers['access-control-allow-headers']), /content-type|\*/i)
    const put = await use(vended, 'x', { origin })
    assert.equal(put.status, 200)
    assert.ok(['*', origin].includes(String(put.headers['access-control-allow-origin'])))
    assert.match(String(put.headers['access-control-expose-headers']), /etag/i)
  }
  const stranger = await preflight('https://evil.example.test')
  assert.equal(stranger.status, 403)
  assert.equal(stranger.headers['access-control-allow-origin'], undefined)
  await remove(api, bucket, 'cors.txt')
})

test('a hundred first requests at once make one home', async () => {
  await using fresh = await startSystem()
  const me = await signInAsAdmin(fresh)
  const homes = await Promise.all(Array.from({ length: 100 }, () => home(me)))
  assert.equal(new Set(homes.map((each) => each.bucket)).size, 1)
  const made = (await auditEvents(me, '/audit/logs')).filter((event) => event.action === 'home.create')
  assert.equal(made.length, 1)
})

test('in the shared-bucket layout a home is a prefix of the library, and the rest of it is out of reach', async () => {
  await using shared = await startSystem({ env: { SKYCRATE_HOME_LAYOUT: 'shared-bucket' } })
  const me = await signInAsAdmin(shared)
  const { id } = (await me.get('/auth/me')).json<{ id: string }>()
  const { bucket, prefix } = await home(me)
  assert.equal(prefix, `private/${id}/`)
  await upload(me, bucket, `${prefix}ä b.txt`, 'mine')
  assert.equal((await download(me, bucket, `${prefix}ä b.txt`)).toString(), 'mine')
  assert.deepEqual(
    (await list(me, bucket, { prefix })).objects.map((object) => object.key),
    [`${prefix}ä b.txt`],
  )
  for (const key of ['private/usr_other/x', `private/${id}2/x`, `private/${id}`, 'elsewhere/x', 'private/x']) {
    const answer = await me.post('/s3/presigned-url', { bucket, key, operation: 'get' })
    assert.equal(answer.status, 403, key)
  }
  for (const outside of ['', 'private/', 'private/usr_other/', `private/${id}`]) {
    const answer = await me.get(`/s3/list/${bucket}?prefix=${outside}`)
    assert.equal(answer.status, 403, outside)
  }
})

test('a restart keeps people, homes, objects, the log and the sign-ins', async () => {
  await using kept = await startSystem()
  const me = await signInAsAdmin(kept)
  const { bucket } = await home(me)
  await upload(me, bucket, 'kept.txt', 'still here')
  const before_ = await auditEvents(me, '/audit/logs')
  const { code } = await kept.stop()
  assert.equal(code, 0)
  await kept.restart()
  assert.equal((await home(me)).bucket, bucket, 'the same token still holds')
  assert.equal((await download(me, bucket, 'kept.txt')).toString(), 'still here')
  const after_ = await auditEvents(me, '/audit/logs')
  assert.deepEqual(after_.slice(-before_.length), before_)
})
