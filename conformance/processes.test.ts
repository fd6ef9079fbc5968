import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Client } from 'pg'
import { type Api, apiOf, auditEvents, type Problem, signInAsAdmin } from './api.ts'
import { download, home, list, upload, use, vend } from './client-steps.ts'
import { type Postgres, startPostgres } from './engines/postgres.ts'
import { type S3Server, startS3Server } from './engines/s3-server.ts'
import { freePort } from './free-port.ts'
import { type Answer, request } from './http.ts'
import { poll } from './poll.ts'
import { signedHeaders } from './sigv4.ts'
import { runServerToItsEnd, startSystem, type System } from './system.ts'

const LIBRARY = 'company-library'

let postgres: Postgres
let s3: S3Server
let settings: Record<string, string>
let first: System
let second: System
let admin: Api
let adminAtSecond: Api

/** As in production: nothing of a process is kept on its machine, and production's rules hold. */
before(async () => {
  ;[postgres, s3] = await Promise.all([startPostgres(), startS3Server()])
  settings = {
    DATABASE_URL: postgres.url(),
    S3_ENDPOINT: s3.url,
    S3_ACCESS_KEY_ID: s3.accessKeyId,
    S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
    SKYCRATE_SECRET: 'the same for every process, and no default',
    SKYCRATE_PUBLIC_URL: `http://127.0.0.1:${await freePort()}`,
    SKYCRATE_LIBRARY_BUCKET: LIBRARY,
    SKYCRATE_GUESTS: 'true',
    SKYCRATE_PRODUCTION: 'true',
  }
  ;[first, second] = await Promise.all([startSystem({ env: settings }), startSystem({ env: settings })])
  // Whoever of the two was quicker has made the administrator.
  admin = await signInAsAdmin(first).catch(async () => apiOf(first.url, (await signInAsAdmin(second)).token))
  adminAtSecond = apiOf(second.url, admin.token)
})
after(async () => {
  await first?.[Symbol.asyncDispose]()
  await second?.[Symbol.asyncDispose]()
  await s3?.[Symbol.asyncDispose]()
  await postgres?.[Symbol.asyncDispose]()
})

async function sql(text: string, values: unknown[] = []): Promise<void> {
  const client = new Client({ connectionString: postgres.url() })
  await client.connect()
  await client.query(text, values)
  await client.end()
}

const statusOf = async (api: Api, wish: object): Promise<number> => (await api.post('/s3/presigned-url', wish)).status

const importCsv = (api: Api, body: string): Promise<Answer> =>
  request(`${api === admin ? first.url : second.url}/api/v1/permissions/import`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'text/csv', authorization: `Bearer ${admin.token}` },
  })

function createBucket(name: string): Promise<Answer> {
  const path = `/${name}`
  const headers = signedHeaders({ method: 'PUT', origin: s3.url, path, keys: s3, region: 'us-east-1', at: new Date() })
  return request(s3.url + path, { method: 'PUT', headers })
}

test('first requests at two processes at once make one home, and either serves it', async () => {
  const homes = await Promise.all(Array.from({ length: 40 }, (_, i) => home(i % 2 === 0 ? admin : adminAtSecond)))
  assert.equal(new Set(homes.map((each) => each.bucket)).size, 1)
  const { bucket } = homes[0]!
  await upload(admin, bucket, 'a.txt', 'from one to the other')
  assert.equal((await download(adminAtSecond, bucket, 'a.txt')).toString(), 'from one to the other')
})

test('what one process gives holds at every process once it is answered: a permission, a file of them, a membership', async () => {
  const ada = await admin.get('/auth/me')
  const group = await admin.post('/groups', { name: 'given' })
  assert.equal(group.status, 201, group.text)
  const member = `/groups/${group.json<{ id: string }>().id}/members/${ada.json<{ id: string }>().id}`
  const late: string[] = []
  for (let round = 0; round < 60; round++) {
    const prefix = `given-${round}/`
    const wish = { bucket: LIBRARY, key: `${prefix}a`, operation: 'get' }
    const [near, far] = round % 2 === 0 ? [admin, adminAtSecond] : [adminAtSecond, admin]
    const permission = { bucket: LIBRARY, prefix, actions: ['read'] }
    const gives: readonly [string, () => Promise<{ status: number; text: string }>][] = [
      ['a permission', () => near.post('/permissions', { ...permission, principal: { kind: 'everyone' } })],
      ['a file', () => importCsv(near, `kind,bucket,prefix,actions\neveryone,${LIBRARY},${prefix},read\n`)],
      ['a membership', () => near.put(member, {})],
    ]
    const [what, give] = gives[round % 3]!
    if (what === 'a membership') {
      assert.equal((await near.delete(member)).status, 204)
      const forGroup = { ...permission, principal: { kind: 'group', group: 'given' } }
      assert.equal((await near.post('/permissions', forGroup)).status, 201)
    }
    assert.equal(await statusOf(far, wish), 403)
    const given = await give()
    assert.ok(given.status < 300, given.text)
    const status = await statusOf(far, wish)
    if (status !== 200) late.push(`${what} ${round}: ${status}`)
  }
  assert.deepEqual(late, [])
})

test('once a home has ended or a bucket is forgotten, no process gives anything of it out', async () => {
  const password = 'seven brave turnips'
  const late: string[] = []
  for (let round = 0; round < 10; round++) {
    const email = `home-${round}@example.org`
    const made = await admin.post('/users', { email, password })
    assert.equal(made.status, 201, made.text)
    const tokens = await apiOf(first.url, undefined).post('/auth/login', { email, password })
    const { access_token: token } = tokens.json<{ access_token: string }>()
    const owner = [first, second].map(({ url }) => apiOf(url, token))
    const { bucket } = await home(owner[0]!)
    const wish = { bucket, key: 'a', operation: 'put' }
    for (const api of owner) assert.equal(await statusOf(api, wish), 200)
    const ending = await admin.delete(`/homes/${made.json<{ id: string }>().id}?contents=keep`)
    assert.equal(ending.status, 202, ending.text)
    const { id } = ending.json<{ id: string }>()
    while ((await admin.get(`/jobs/${id}`)).json<{ state: string }>().state !== 'done');
    for (const api of owner) if ((await statusOf(api, wish)) !== 403) late.push(`home ${round}`)

    const name = `forgotten-${round}`
    assert.equal((await createBucket(name)).status, 200)
    assert.equal((await admin.post('/buckets', { name, mode: 'register' })).status, 201)
    const permission = { principal: { kind: 'everyone' }, bucket: name, prefix: '', actions: ['read'] }
    assert.equal((await admin.post('/permissions', permission)).status, 201)
    const look = { bucket: name, key: 'a', operation: 'get' }
    for (const api of [admin, adminAtSecond]) assert.equal(await statusOf(api, look), 200)
    assert.equal((await admin.delete(`/buckets/default/${name}?confirm=${name}&forget=true`)).status, 200)
    for (const api of [admin, adminAtSecond]) if ((await statusOf(api, look)) !== 403) late.push(`bucket ${round}`)
  }
  assert.deepEqual(late, [])
})

test('after the answer to a revocation nothing is given out at any process: 0 of 1,000 tries', async () => {
  const bucket = LIBRARY
  const both = [admin, adminAtSecond]
  const late: string[] = []
  for (let round = 0; round < 100; round++) {
    const prefix = `revoked-${round}/`
    const wish = { bucket, key: `${prefix}a`, operation: 'get' }
    const permission = { principal: { kind: 'everyone' }, bucket, prefix, actions: ['read'] }
    const made = await admin.post('/permissions', permission)
    assert.equal(made.status, 201, made.text)
    for (const api of both) assert.equal(await statusOf(api, wish), 200)
    const { id } = made.json<{ id: string }>()
    assert.equal((await both[round % 2]!.delete(`/permissions/${id}`)).status, 204)
    const tries = await Promise.all(Array.from({ length: 10 }, (_, i) => statusOf(both[i % 2]!, wish)))
    late.push(...tries.filter((status) => status !== 403).map((status) => `${round}: ${status}`))
  }
  assert.deepEqual(late, [])
})

test('a link that is switched off gives nothing at any process, and all processes together count its downloads', async () => {
  const { bucket } = await home(admin)
  await upload(admin, bucket, 'shared.txt', 'for strangers')
  const at = [first, second].map(({ url }) => apiOf(url, undefined))
  const wish = { bucket, key: 'shared.txt', maxDownloads: 10 }
  const late: string[] = []
  for (let round = 0; round < 5; round++) {
    const made = await admin.post('/shares', wish)
    assert.equal(made.status, 201, made.text)
    const { id, token } = made.json<{ id: string; token: string }>()
    const tryBoth = async (times: number): Promise<number[]> => {
      const tries = Array.from({ length: times }, (_, i) => at[i % 2]!.post(`/shared/${token}/download`, {}))
      return (await Promise.all(tries)).map(({ status }) => status)
    }
    const statuses = await tryBoth(round === 0 ? 30 : 4)
    assert.equal(statuses.filter((status) => status === 200).length, round === 0 ? 10 : 4)
    assert.equal((await [admin, adminAtSecond][round % 2]!.delete(`/shares/${id}`)).status, 204)
    late.push(...(await tryBoth(6)).filter((status) => status !== 404).map((status) => `${round}: ${status}`))
  }
  assert.deepEqual(late, [])
})

test('after a sign-out, the end of sessions or a suspension, no process lets the token in', async () => {
  const password = 'seven brave turnips'
  const made = await admin.post('/users', { email: 'out@example.org', password, name: 'Out' })
  assert.equal(made.status, 201, made.text)
  const { id } = made.json<{ id: string }>()
  const signIn = async () =>
    (await apiOf(first.url, undefined).post('/auth/login', { email: 'out@example.org', password })).json<{
      access_token: string
      refresh_token: string
    }>()
  const change = { name: 'Out', isAdmin: false, groups: [] }
  const ends: [string, number, (tokens: { refresh_token: string }) => Promise<{ status: number }>][] = [
    ['sign-out', 401, ({ refresh_token }) => admin.post('/auth/logout', { refresh_token })],
    [
      'end of other sessions',
      401,
      async () => apiOf(second.url, (await signIn()).access_token).delete('/auth/sessions'),
    ],
    ['end of sessions', 401, () => adminAtSecond.delete(`/users/${id}/sessions`)],
    ['suspension', 403, () => admin.put(`/users/${id}`, { ...change, state: 'suspended' })],
  ]
  for (let round = 0; round < 10; round++) {
    for (const [what, refusal, end] of ends) {
      const tokens = await signIn()
      const apis = [first, second].map(({ url }) => apiOf(url, tokens.access_token))
      for (const api of apis) assert.equal((await api.get('/auth/me')).status, 200)
      assert.ok((await end(tokens)).status < 300, what)
      const statuses = await Promise.all(apis.map(async (api) => (await api.get('/auth/me')).status))
      // The session has ended as well, which may be what is found first.
      assert.ok(
        statuses.every((status) => status === refusal || status === 401),
        `${what} ${round}: ${statuses.join()}`,
      )
    }
    assert.equal((await admin.put(`/users/${id}`, { ...change, state: 'active' })).status, 200)
  }
})

test('a deleted access token, or one of a suspended user, is refused at every process once that is answered', async () => {
  const scopes = [{ actions: ['read'] }]
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
  const made = await admin.post('/users', { email: 'tokens@example.org', password: 'seven brave turnips' })
  const { id } = made.json<{ id: string }>()
  const login = { email: 'tokens@example.org', password: 'seven brave turnips' }
  const change = { name: null, isAdmin: false, groups: [] }
  for (let round = 0; round < 6; round++) {
    const session = await apiOf(first.url, undefined).post('/auth/login', login)
    const owner = apiOf(first.url, session.json<{ access_token: string }>().access_token)
    const created = await owner.post('/auth/tokens', { name: 'robot', scopes, expiresAt })
    assert.equal(created.status, 201, created.text)
    const { id: tokenId, token } = created.json<{ id: string; token: string }>()
    const both = [first, second].map(({ url }) => apiOf(url, token))
    for (const api of both) assert.equal((await api.get('/auth/me')).status, 200)
    if (round % 2 === 0) {
      assert.equal((await adminAtSecond.put(`/users/${id}`, { ...change, state: 'suspended' })).status, 200)
      for (const api of both) assert.equal((await api.get('/auth/me')).status, 401)
      // Who is let in again has to create new ones.
      assert.equal((await admin.put(`/users/${id}`, { ...change, state: 'active' })).status, 200)
    } else {
      assert.equal((await adminAtSecond.delete(`/users/${id}/tokens/${tokenId}`)).status, 204)
    }
    for (const api of both) assert.equal((await api.get('/auth/me')).status, 401)
  }
})

test('a session that has ended is over at every process once that is answered', async () => {
  for (let round = 0; round < 5; round++) {
    const { tokens } = await signInAsAdmin(first).catch(() => signInAsAdmin(second))
    const both = [apiOf(first.url, tokens.access_token), apiOf(second.url, tokens.access_token)]
    for (const api of both) assert.equal((await api.get('/auth/me')).status, 200)
    const answer = await apiOf(second.url, undefined).post('/auth/logout', { refresh_token: tokens.refresh_token })
    assert.equal(answer.status, 204)
    for (const api of both) assert.equal((await api.get('/auth/me')).status, 401)
  }
})

test('a suspended user is out at every process, with a token that each has just accepted', async () => {
  const both = [admin, adminAtSecond]
  for (const api of both) assert.equal((await api.get('/auth/me')).status, 200)
  await sql(`update users set state = 'suspended'`)
  for (const api of both) {
    await poll('the suspension is heard', 2000, async () => (await api.get('/auth/me')).status === 403)
  }
  await sql(`update users set state = 'active'`)
  for (const api of both) await poll('its end is heard', 2000, async () => (await api.get('/auth/me')).status === 200)
})

test('a guest sees what is public and protected, and nothing else', async () => {
  const person = (await admin.get('/auth/me')).json<{ id: string }>().id
  await upload(admin, LIBRARY, 'public/a.txt', 'for all')
  await upload(admin, LIBRARY, `protected/${person}/b.txt`, 'to look at')
  await upload(admin, LIBRARY, `private/${person}/c.txt`, 'mine')
  const guest = apiOf(second.url, undefined)
  assert.deepEqual(
    (await list(guest, LIBRARY, { prefix: 'public/' })).objects.map((object) => object.key),
    ['public/a.txt'],
  )
  assert.equal((await download(guest, LIBRARY, 'public/a.txt')).toString(), 'for all')
  assert.equal((await download(guest, LIBRARY, `protected/${person}/b.txt`)).toString(), 'to look at')
  const forbidden = [
    { key: `private/${person}/c.txt`, operation: 'get' },
    { key: 'public/new.txt', operation: 'put' },
    { key: 'public/a.txt', operation: 'delete' },
    { key: `protected/${person}/b.txt`, operation: 'put' },
    { key: 'private//c.txt', operation: 'get' },
    { key: 'private/${user.id}/c.txt', operation: 'get' },
  ]
  for (const wish of forbidden) assert.equal(await statusOf(guest, { bucket: LIBRARY, ...wish }), 403, wish.key)
  for (const prefix of ['', 'private/', `private/${person}/`]) {
    assert.equal((await guest.get(`/s3/list/${LIBRARY}?prefix=${prefix}`)).status, 403, prefix)
  }
  for (const path of ['/home', '/auth/me', '/audit/my-activity', '/audit/logs', '/permissions']) {
    assert.equal((await guest.get(path)).status, 401, path)
  }
  assert.equal((await guest.delete(`/s3/object/${LIBRARY}/public/a.txt`)).status, 401)
  assert.equal((await apiOf(second.url, 'not-a-token').get(`/s3/list/${LIBRARY}?prefix=public/`)).status, 401)
  const events = (await auditEvents(admin, '/audit/logs')).filter(
    (event) => event.userId === null && event.bucket === LIBRARY,
  )
  assert.ok(events.some((event) => event.outcome === 'allow' && event.key === 'public/a.txt'))
  assert.ok(events.some((event) => event.outcome === 'deny' && event.key === `private/${person}/c.txt`))
})

test('a guest cannot be let write in production; a system that lets one does not start', async () => {
  const wish = { principal: { kind: 'guest' }, bucket: LIBRARY, prefix: 'inbox/', actions: ['write'] }
  const answer = await admin.post('/permissions', wish)
  assert.equal(answer.status, 400, answer.text)
  assert.deepEqual(
    answer.json<Problem>().errors?.map((error) => error.path),
    ['/actions'],
  )
  await sql(
    `insert into permissions (id, principal_kind, bucket, prefix, can_read, can_write, can_delete, can_list)
     values ('prm_guest', 'guest', $1, 'inbox/', false, true, false, false)`,
    [LIBRARY],
  )
  const { code, output } = await runServerToItsEnd({ ...settings, SKYCRATE_HTTP_PORT: String(await freePort()) })
  await sql(`delete from permissions where id = 'prm_guest'`)
  assert.equal(code, 1)
  assert.match(output, /could not start: guests may write or delete by prm_guest/)
})

test('another secret than that of the other processes ends the start, and says so', async () => {
  const env = {
    ...settings,
    SKYCRATE_SECRET: 'another than all the others have, and long',
    SKYCRATE_HTTP_PORT: String(await freePort()),
  }
  const { code, output } = await runServerToItsEnd(env)
  assert.equal(code, 1)
  assert.match(output, /SKYCRATE_SECRET is not the one/)
})

test('one of the processes dies: the other goes on with the same tokens, and what was vended still works', async () => {
  const vended = await vend(admin, { bucket: LIBRARY, key: 'public/a.txt', operation: 'get' })
  await first.kill9()
  assert.equal((await use(vended)).text, 'for all')
  assert.equal((await download(adminAtSecond, LIBRARY, 'public/a.txt')).toString(), 'for all')
  await first.restart()
  assert.equal((await admin.get('/auth/me')).status, 200)
  assert.equal((await request(`${first.url}/readyz`)).status, 200)
})
