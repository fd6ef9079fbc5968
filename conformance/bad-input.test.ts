import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { type Api, apiOf, auditEvents, type Problem, signInAsAdmin } from './api.ts'
import { home, upload } from './client-steps.ts'
import { type Answer, request } from './http.ts'
import { type PlainIssuer, startPlainIssuer } from './issuers/plain-issuer.ts'
import { startSystem, type System } from './system.ts'

let issuer: PlainIssuer
let system: System
let admin: Api
let person: Api
let bucket: string

before(async () => {
  issuer = await startPlainIssuer('/')
  const issuers = JSON.stringify([{ issuer: issuer.issuer, audience: 'api' }])
  system = await startSystem({ env: { SKYCRATE_ISSUERS: issuers } })
  admin = await signInAsAdmin(system)
  person = apiOf(system.url, issuer.token({ sub: 'person', aud: 'api' }))
  bucket = (await home(person)).bucket
})
after(async () => {
  await system?.[Symbol.asyncDispose]()
  await issuer?.[Symbol.asyncDispose]()
})

/** Every refusal has one shape. */
function assertProblem(answer: Answer, status: number, code: string): Problem {
  assert.equal(answer.status, status, answer.text)
  assert.match(String(answer.headers['content-type']), /^application\/problem\+json/)
  const problem = answer.json<Problem>()
  assert.equal(problem.status, status)
  assert.equal(problem.code, code)
  assert.ok(problem.title && problem.type.endsWith(`/docs/errors/${code}`), problem.type)
  assert.equal(problem.requestId, answer.headers['x-request-id'])
  assert.equal(/node_modules|\.ts:\d|at Object\./.test(answer.text), false, 'nothing of the inside shows')
  return problem
}
const presign = (body: unknown): Promise<Answer> => person.post('/s3/presigned-url', body)
const wish = (changes: object = {}): object => ({ bucket, key: 'x.txt', operation: 'get', ...changes })
const placesOf = (problem: Problem): string[] => (problem.errors ?? []).map((error) => error.path).toSorted()

test('every mistake of a request is named, with its place', async () => {
  const answer = await presign({ bucket: 7, operation: 'steal', expiresIn: 'soon', surprise: true, another: 1 })
  const problem = assertProblem(answer, 400, 'invalid-request')
  const places = placesOf(problem)
  for (const place of ['/another', '/bucket', '/expiresIn', '/key', '/operation', '/surprise']) {
    assert.ok(places.includes(place), `${place} of ${places.join(' ')}`)
  }
  assert.ok(problem.errors?.every((error) => error.message.length > 3))
})

const UNSTORABLE: readonly (readonly [string, string, object?])[] = [
  ['/audit/logs?action=%00', '/action'],
  ['/audit/my-activity?action=%00', '/action'],
  ['/audit/logs?action=object.fly', '/action'],
  ['/audit/logs?from=2026-12-31T23:59:60Z', '/from'],
  ['/audit/my-activity?to=2026-12-31T23:59:60Z', '/to'],
  ['/permissions/explain', '/userId', { bucket: 'b', key: 'k', action: 'read', userId: 'usr_\0' }],
  ...(
    [
      ['/description', { description: 'a\0b' }],
      ['/principal', { principal: { kind: 'group', group: 'a\0b' } }],
      ['/principal', { principal: { kind: 'user', userId: 'usr_\0' } }],
      ['/expiresAt', { expiresAt: '2026-12-31T23:59:60Z' }],
      ['/expiresAt', { expiresAt: '0000-01-01T00:00:00Z' }],
      ['/expiresAt', { expiresAt: '9999-12-31T23:59:59-23:59' }],
    ] as const
  ).map(([place, changes]) => {
    const whole = { principal: { kind: 'everyone' }, bucket: 'some-bucket', prefix: 'x/', actions: ['read'] }
    return ['/permissions', place, { ...whole, ...changes }] as const
  }),
]
for (const [path, place, body] of UNSTORABLE) {
  test(`what no database can hold is a mistake in the request: ${place} of ${path} ${JSON.stringify(body ?? '')}`, async () => {
    const answer = await (body === undefined ? admin.get(path) : admin.post(path, body))
    const places = placesOf(assertProblem(answer, 400, 'invalid-request'))
    assert.ok(
      places.some((each) => each.startsWith(place)),
      places.join(' '),
    )
  })
}

test('a window that begins before there were computers shows everything', async () => {
  for (const from of ['0001-01-01T00:00:00Z', '1969-12-31T00:00:00Z']) {
    const answer = await admin.get(`/audit/logs?from=${from}&limit=1`)
    assert.equal(answer.json<{ events: unknown[] }>().events.length, 1, from)
  }
})

const WRONG_FIELDS: readonly (readonly [string, object, string])[] = [
  ['expiresIn 0', { expiresIn: 0 }, '/expiresIn'],
  ['expiresIn -1', { expiresIn: -1 }, '/expiresIn'],
  ['expiresIn of 8 days', { expiresIn: 8 * 86_400 }, '/expiresIn'],
  ['expiresIn one second above 7 days', { expiresIn: 604_801 }, '/expiresIn'],
  ['expiresIn with a fraction', { expiresIn: 1.5 }, '/expiresIn'],
  ['expiresIn as text', { expiresIn: '60' }, '/expiresIn'],
  ['expiresIn beyond numbers', { expiresIn: 1e300 }, '/expiresIn'],
  ['expiresIn null', { expiresIn: null }, '/expiresIn'],
  ['a key that is a number', { key: 1 }, '/key'],
  ['a key that is a list', { key: ['x'] }, '/key'],
  ['a bucket that is an object', { bucket: {} }, '/bucket'],
  ['an empty bucket', { bucket: '' }, '/bucket'],
  ['an operation in capitals', { operation: 'GET' }, '/operation'],
  ['an operation of every object', { operation: 'constructor' }, '/operation'],
  ['an unknown field', { acl: 'public-read' }, '/acl'],
  ['a negative length', { operation: 'put', contentLength: -1 }, '/contentLength'],
  [
    'a content type with a line break',
    { operation: 'put', contentType: 'text/plain\r\nx-amz-acl: public-read' },
    '/contentType',
  ],
  ['a content type for a download', { contentType: 'text/plain' }, '/contentType'],
]
for (const [what, changes, place] of WRONG_FIELDS) {
  test(`${what} is refused, and named`, async () => {
    const problem = assertProblem(await presign(wish(changes)), 400, 'invalid-request')
    assert.deepEqual(placesOf(problem), [place])
  })
}

test('a field that would change every object is refused', async () => {
  const text = JSON.stringify(wish()).replace('{', '{"__proto__":{"isAdmin":true},')
  assertProblem(await rawPost(text), 400, 'invalid-request')
})

function rawPost(body: string | Buffer, headers: Record<string, string> = {}): Promise<Answer> {
  return request(`${system.url}/api/v1/s3/presigned-url`, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${person.token}`, 'content-type': 'application/json', ...headers },
  })
}

const WRONG_BODIES: readonly (readonly [string, string | Buffer, Record<string, string>, number, string])[] = [
  ['no JSON', '{"bucket": ', {}, 400, 'invalid-request'],
  ['no bytes at all', '', {}, 400, 'invalid-request'],
  ['a list', '[]', {}, 400, 'invalid-request'],
  ['null', 'null', {}, 400, 'invalid-request'],
  ['a number', '1', {}, 400, 'invalid-request'],
  ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), {}, 400, 'invalid-request'],
  ['a depth of 10,000', '['.repeat(10_000) + ']'.repeat(10_000), {}, 400, 'invalid-request'],
  ['a form', 'bucket=x', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'unsupported-media-type'],
  ['XML', '<x/>', { 'content-type': 'text/xml' }, 415, 'unsupported-media-type'],
  ['2 MB', `{"key":"${'x'.repeat(2_000_000)}"}`, {}, 413, 'payload-too-large'],
]
for (const [what, body, headers, status, code] of WRONG_BODIES) {
  test(`a body of ${what} is answered ${status}`, async () => {
    assertProblem(await rawPost(body, headers), status, code)
  })
}

test('a body of 2 MB without a length, and one that says less than it has, leave the server well', async () => {
  const answer = await request(`${system.url}/api/v1/s3/presigned-url`, {
    method: 'POST',
    body: Buffer.alloc(2_000_000, 'x'),
    headers: { authorization: `Bearer ${person.token}`, 'content-type': 'application/json', 'content-length': '10' },
  }).catch((error: Error) => error)
  if (!(answer instanceof Error)) assert.equal(answer.status, 400)
  assert.equal((await person.get('/auth/me')).status, 200)
})

const WRONG_KEYS: readonly (readonly [string, string])[] = [
  ['empty', ''],
  ['..', '..'],
  ['a/../b', 'a/../b'],
  ['a/..', 'a/..'],
  ['./a', './a'],
  ['a/./b', 'a/./b'],
  ['a backslash', 'a\\b'],
  ['..\\', '..\\..\\x'],
  ['NUL', 'a\0b'],
  ['a line break', 'a\nb'],
  ['DEL', 'a\x7fb'],
  ['a lone high surrogate', 'a\ud800b'],
  ['a lone low surrogate', '\udc00'],
  ['1,025 bytes', 'a'.repeat(1025)],
  ['1,025 bytes in fewer characters', `${'日'.repeat(341)}ab`],
]
for (const [what, key] of WRONG_KEYS) {
  test(`a key with ${what} is refused, whatever is asked`, async () => {
    for (const operation of ['get', 'put', 'head', 'delete']) {
      const problem = assertProblem(await presign(wish({ key, operation })), 400, 'invalid-key')
      assert.match(problem.detail ?? '', /key/i)
    }
  })
}

const WRONG_PATHS: readonly (readonly [string, number])[] = [
  ['a/../b', 400],
  ['..', 400],
  ['a/%2e%2e/b', 400],
  ['%2E%2E%2Fb', 400],
  ['a%5Cb', 400],
  ['a\\b', 400],
  ['a%00b', 400],
  ['%ff', 400],
  ['%', 400],
  ['%ED%A0%80', 400],
  ['a'.repeat(1025), 400],
  ['', 400],
]
for (const [path, status] of WRONG_PATHS) {
  test(`deleting by the path ${path.length > 40 ? `of ${path.length} bytes` : `"${path}"`} is refused and deletes nothing`, async () => {
    await upload(person, bucket, 'b', 'stays')
    const answer = await person.delete(`/s3/object/${bucket}/${path}`)
    assert.ok([status, 404].includes(answer.status), answer.text)
    assert.match(String(answer.headers['content-type']), /^application\/problem\+json/)
    assert.equal((await person.get(`/s3/list/${bucket}?prefix=b`)).text.includes('"b"'), true)
  })
}

test('a bucket of somebody else and a bucket that is not there get the same answer, whatever is asked', async () => {
  const theirs = (await home(admin)).bucket
  await upload(admin, theirs, 'there.txt', 'x')
  const missing = theirs.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
  const bare = (answer: Answer): object => {
    assertProblem(answer, 403, 'forbidden')
    const { requestId: _id, ...rest } = answer.json<Problem>()
    const { 'x-request-id': _header, date: _date, ...headers } = answer.headers
    return { rest, headers }
  }
  for (const operation of ['get', 'put', 'head', 'delete']) {
    const existing = bare(await presign({ bucket: theirs, key: 'there.txt', operation }))
    for (const [name, key] of [
      [theirs, 'not-there.txt'],
      [missing, 'there.txt'],
      ['no.such.bucket', 'there.txt'],
      ['UPPER_case!', 'there.txt'],
    ] as const) {
      assert.deepEqual(bare(await presign({ bucket: name, key, operation })), existing, `${operation} ${name} ${key}`)
    }
  }
  const listed = bare(await person.get(`/s3/list/${theirs}`))
  assert.deepEqual(bare(await person.get(`/s3/list/${missing}`)), listed)
  assert.deepEqual(bare(await person.get(`/s3/list/..`)), listed)
  const deleted = bare(await person.delete(`/s3/object/${theirs}/there.txt`))
  assert.deepEqual(bare(await person.delete(`/s3/object/${theirs}/not-there.txt`)), deleted)
  assert.deepEqual(bare(await person.delete(`/s3/object/${missing}/there.txt`)), deleted)

  const denied = (await auditEvents(person, '/audit/my-activity')).filter((event) => event.outcome === 'deny')
  assert.ok(denied.some((event) => event.bucket === theirs && event.action === 'object.put'))
  assert.ok(denied.some((event) => event.bucket === missing && event.action === 'object.list'))
})

test('a listing refuses what it does not know', async () => {
  for (const [query, place] of [
    ['limit=0', '/limit'],
    ['limit=1001', '/limit'],
    ['limit=ten', '/limit'],
    ['limit=1e2', '/limit'],
    ['max-keys=10', '/max-keys'],
  ] as const) {
    const problem = assertProblem(await person.get(`/s3/list/${bucket}?${query}`), 400, 'invalid-request')
    assert.deepEqual(placesOf(problem), [place])
  }
  // A prefix may end anywhere within a key, so dots are letters here: nothing is below these.
  for (const prefix of ['a/../', '..', `../${bucket}/`]) {
    const answer = await person.get(`/s3/list/${bucket}?prefix=${prefix}`)
    assert.equal(answer.status, 200, answer.text)
    assert.deepEqual(answer.json<{ objects: object[]; prefixes: object[] }>().objects, [])
  }
  for (const prefix of ['%00', 'a%5C']) {
    assertProblem(await person.get(`/s3/list/${bucket}?prefix=${prefix}`), 400, 'invalid-key')
  }
})

test('the audit log refuses cursors, times and outcomes that are none', async () => {
  for (const query of ['limit=0', 'outcome=maybe', 'from=yesterday', 'to=2026-13-45', 'limit=100&limit=5']) {
    assertProblem(await admin.get(`/audit/logs?${query}`), 400, 'invalid-request')
  }
  for (const cursor of ["'; drop table audit_events; --", 'x', '%00']) {
    const answer = await admin.get(`/audit/logs?cursor=${encodeURIComponent(cursor)}`)
    assert.equal(answer.status, 400, answer.text)
    assert.ok(['invalid-cursor', 'invalid-request'].includes(answer.json<Problem>().code))
  }
  assert.ok((await auditEvents(admin, '/audit/logs')).length > 0)
})

test('permissions refuse prefixes that end within a name, and principals that are none', async () => {
  const valid = { principal: { kind: 'everyone' }, bucket, prefix: 'a/', actions: ['read'] }
  for (const changes of [
    { prefix: 'folder-b' },
    { prefix: '../' },
    { prefix: 'a/../b/' },
    { actions: [] },
    { actions: ['read', 'read'] },
    { actions: ['own'] },
    { principal: { kind: 'root' } },
    { principal: { kind: 'user' } },
    { expiresAt: 'never' },
    { bucket: 'No_Bucket' },
  ]) {
    const answer = await admin.post('/permissions', { ...valid, ...changes })
    assert.equal(answer.status, 400, `${JSON.stringify(changes)}: ${answer.text}`)
    assert.match(String(answer.headers['content-type']), /^application\/problem\+json/)
  }
  assertProblem(await person.post('/permissions', valid), 403, 'forbidden')
  assertProblem(await admin.delete('/permissions/prm_00000000000000000000000000'), 404, 'not-found')
})

test('paths that are not there are 404, methods that are not there 405, and both are problems', async () => {
  for (const path of ['/nothing', '/api/v1/nothing', '/api/v2/home', '/api/v1/s3/list', '/api/v1/auth/login/x']) {
    const answer = await request(system.url + path, { headers: { accept: 'application/json' } })
    assertProblem(answer, 404, 'not-found')
  }
  for (const [method, path] of [
    ['DELETE', '/api/v1/home'],
    ['POST', '/api/v1/home'],
    ['GET', '/api/v1/s3/presigned-url'],
    ['PUT', '/api/v1/auth/login'],
    ['POST', '/healthz'],
  ] as const) {
    const answer = await request(system.url + path, { method })
    assertProblem(answer, 405, 'method-not-allowed')
    assert.match(String(answer.headers.allow), /^[A-Z]+(, ?[A-Z]+)*$/)
  }
})

test('no sign-in: 401, before anything is looked at', async () => {
  const nobody = apiOf(system.url, undefined)
  for (const answer of [
    await nobody.get('/home'),
    await nobody.get('/auth/me'),
    await nobody.get('/audit/logs'),
    await nobody.post('/s3/presigned-url', { nonsense: true }),
    await nobody.get(`/s3/list/${bucket}`),
  ]) {
    assertProblem(answer, 401, 'unauthenticated')
    assert.match(String(answer.headers['www-authenticate']), /^Bearer/)
  }
})

test('a wrong password and an unknown e-mail are told alike', async () => {
  const nobody = apiOf(system.url, undefined)
  const bare = (answer: Answer): object => {
    assertProblem(answer, 401, 'invalid-credentials')
    const { requestId: _id, ...rest } = answer.json<Problem>()
    return rest
  }
  const wrong = bare(await nobody.post('/auth/login', { email: system.admin.email, password: 'not the password' }))
  const unknown = bare(
    await nobody.post('/auth/login', { email: 'nobody@skycrate.test', password: 'not the password' }),
  )
  assert.deepEqual(unknown, wrong)
})

test('a short new password is told how long it has to be, however short it is', async () => {
  for (const password of ['x', 'seven ~', 'fourteen chars']) {
    const answer = await admin.post('/users', { email: 'short@skycrate.test', password })
    assert.deepEqual(assertProblem(answer, 400, 'invalid-request').errors, [
      { path: '/password', message: 'must have at least 15 characters' },
    ])
  }
})

test('what is no HTTP at all is answered or cut, and the server stays well', async () => {
  const { port } = new URL(system.url)
  for (const bytes of [
    'GET /api/v1/home HTTP/1.1\r\n\r\n',
    'NONSENSE\r\n\r\n',
    `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(200_000)}\r\n\r\n`,
    'POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    'GET /api/v1/s3/list/%zz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc',
  ]) {
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => socket.write(bytes))
      const chunks: Buffer[] = []
      const done = (): void => {
        socket.destroy()
        resolve(Buffer.concat(chunks).toString())
      }
      socket.setTimeout(3000, done)
      socket.on('data', (chunk: Buffer) => chunks.push(chunk))
      socket.on('error', done)
      socket.on('close', done)
    })
    if (answer !== '') assert.match(answer, /^HTTP\/1\.1 4\d\d /)
  }
  assert.equal((await person.get('/auth/me')).status, 200)
})
