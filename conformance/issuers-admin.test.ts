import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Client } from 'pg'
import { type Api, apiOf, type Problem, signInAsAdmin } from './api.ts'
import { type Postgres, startPostgres } from './engines/postgres.ts'
import { type S3Server, startS3Server } from './engines/s3-server.ts'
import { freePort } from './free-port.ts'
import { type PlainIssuer, startPlainIssuer } from './issuers/plain-issuer.ts'
import { startSystem, type System } from './system.ts'

// Issuers that an administrator adds in one process, and people who come to the other.

const AUDIENCE = 'https://api.example.test'

let postgres: Postgres
let s3: S3Server
let configured: PlainIssuer
let first: System
let second: System
let admin: Api

before(async () => {
  ;[postgres, s3, configured] = await Promise.all([startPostgres(), startS3Server(), startPlainIssuer('/')])
  const env = {
    DATABASE_URL: postgres.url(),
    S3_ENDPOINT: s3.url,
    S3_ACCESS_KEY_ID: s3.accessKeyId,
    S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
    SKYCRATE_SECRET: 'the same for every process, and no default',
    SKYCRATE_PUBLIC_URL: `http://127.0.0.1:${await freePort()}`,
    SKYCRATE_LIBRARY_BUCKET: 'company-library',
    SKYCRATE_ISSUERS: JSON.stringify([{ name: 'Configured', issuer: configured.issuer, audience: AUDIENCE }]),
    SKYCRATE_PRODUCTION: 'false',
  }
  ;[first, second] = await Promise.all([startSystem({ env }), startSystem({ env })])
  admin = await signInAsAdmin(first).catch(async () => apiOf(first.url, (await signInAsAdmin(second)).token))
})
after(async () => {
  for (const each of [first, second, configured, s3, postgres]) await each?.[Symbol.asyncDispose]()
})

interface Issuer {
  readonly id: string
  readonly name: string
  readonly source: string
  readonly hasClientSecret: boolean
  readonly updatedAt?: string
}
interface Report {
  readonly discovery: { readonly outcome: string; readonly detail: string }
  readonly keys: { readonly outcome: string; readonly keys: readonly unknown[] }
  readonly token?: {
    readonly outcome: string
    readonly reason: string | null
    readonly claims: readonly { readonly name: string; readonly verdict: string; readonly detail: string }[]
    readonly person?: { readonly subject: string; readonly groups: readonly string[]; readonly isAdmin: boolean }
  }
}

async function added(body: object): Promise<Issuer> {
  const answer = await admin.post('/issuers', body)
  assert.equal(answer.status, 201, answer.text)
  return answer.json<Issuer>()
}

const at = (system: System, issuer: PlainIssuer, claims: object): Api =>
  apiOf(system.url, issuer.token({ aud: AUDIENCE, ...claims }))
const statusOf = async (api: Api): Promise<number> => (await api.get('/auth/me')).status

test('an issuer holds at every process once it is added, changed and deleted', async () => {
  await using issuer = await startPlainIssuer('/added')
  const eve = at(second, issuer, { sub: 'eve', groups: ['staff'] })
  assert.equal(await statusOf(eve), 401)
  const body = { name: 'Added', issuer: issuer.issuer, audience: AUDIENCE, claims: { groups: 'groups' } }
  const { id } = await added(body)
  assert.equal(await statusOf(eve), 200)
  assert.equal((await eve.get('/auth/me')).json<{ isAdmin: boolean }>().isAdmin, false)

  assert.equal((await admin.put(`/issuers/${id}`, { ...body, adminGroups: ['staff'] })).status, 200)
  assert.equal((await eve.get('/auth/me')).json<{ isAdmin: boolean }>().isAdmin, true)
  assert.equal((await admin.put(`/issuers/${id}`, { ...body, allow: { groups: ['owners'] } })).status, 200)
  assert.equal(await statusOf(eve), 401, 'the token that was good before is looked at again')
  assert.equal(await statusOf(at(second, issuer, { sub: 'ok', groups: ['owners'] })), 200)
  assert.equal((await admin.put(`/issuers/${id}`, body)).status, 200)
  assert.equal(await statusOf(eve), 200)
  assert.equal((await admin.delete(`/issuers/${id}`)).status, 204)
  for (const system of [first, second]) assert.equal(await statusOf(at(system, issuer, { sub: 'eve' })), 401)
  assert.equal(await statusOf(eve), 401)
})

test('rules from claims let in a verified address of a domain, and nobody else', async () => {
  await using issuer = await startPlainIssuer('/domain')
  const body = { issuer: issuer.issuer, audience: AUDIENCE, allow: { emailDomains: ['example.com'] } }
  const { name } = await added(body)
  assert.equal(name, new URL(issuer.issuer).host)
  const cases: [object, number][] = [
    [{ email: 'a@example.com', email_verified: true }, 200],
    [{ email: 'a@EXAMPLE.com', email_verified: true }, 200],
    [{ email: 'a@example.com' }, 401],
    [{ email: 'a@example.com', email_verified: 'true' }, 401],
    [{ email: 'a@example.com', email_verified: false }, 401],
    [{ email: 'a@sub.example.com', email_verified: true }, 401],
    [{ email_verified: true }, 401],
  ]
  for (const [at0, [claims, status]] of cases.entries()) {
    const answer = await at(first, issuer, { sub: `s${at0}`, ...claims }).get('/auth/me')
    assert.equal(answer.status, status, JSON.stringify(claims))
  }
  const users = await admin.get('/users?search=s6')
  assert.deepEqual(users.json<{ users: unknown[] }>().users, [], 'who is not let in is no user either')
})

test('an issuer that is down when it is added, and one that rotates its keys, heal by themselves', async () => {
  const early = await startPlainIssuer('/early')
  const { issuer } = early
  await added({ issuer, audience: AUDIENCE })
  assert.equal(await statusOf(at(second, early, { sub: 'a' })), 200)
  early.rotate()
  // Not before the cooldown after the last fetch: ten seconds.
  const deadline = Date.now() + 30_000
  while ((await statusOf(at(second, early, { sub: 'b' }))) !== 200) {
    assert.ok(Date.now() < deadline, 'the new key is never taken')
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  await early[Symbol.asyncDispose]()

  const lateOne = await lateIssuer()
  await added({ issuer: lateOne.url, audience: AUDIENCE })
  const late = await lateOne.open(async (token) => {
    const answer = await apiOf(first.url, token).get('/auth/me')
    assert.equal(answer.status, 503)
    assert.equal(answer.json<Problem>().code, 'issuer-unavailable')
  })
  await using _ = late
  const until = Date.now() + 30_000
  while ((await statusOf(apiOf(first.url, late.token({ aud: AUDIENCE, sub: 'late' })))) !== 200) {
    assert.ok(Date.now() < until, 'the issuer that came late is never asked again')
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
})

/** An address where nothing listens until it opens. */
async function lateIssuer() {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/late`
  return {
    url,
    async open(whileDown: (token: string) => Promise<void>): Promise<PlainIssuer> {
      const other = await startPlainIssuer('/late')
      await whileDown(other.token({ iss: url, aud: AUDIENCE, sub: 'late' }))
      await other[Symbol.asyncDispose]()
      return startPlainIssuer('/late', port)
    },
  }
}

test('a test explains discovery, keys and a token claim by claim, and keeps nothing of it', async () => {
  await using issuer = await startPlainIssuer('/tested')
  const wish = {
    issuer: issuer.issuer,
    audience: AUDIENCE,
    claims: { groups: 'groups' },
    adminGroups: ['admins'],
    algorithms: ['RS256'],
  }
  const reportOf = async (body: object): Promise<Report> => {
    const answer = await admin.post('/issuers/test', body)
    assert.equal(answer.status, 200, answer.text)
    return answer.json<Report>()
  }
  const token = issuer.token({ aud: AUDIENCE, sub: 'tester', groups: ['admins'] })
  const good = await reportOf({ issuer: wish, token })
  assert.deepEqual([good.discovery.outcome, good.keys.outcome, good.keys.keys.length], ['good', 'good', 1])
  assert.equal(good.token?.outcome, 'accepted')
  assert.deepEqual(good.token?.person?.isAdmin, true)
  assert.ok(good.token?.claims.every(({ verdict }) => verdict !== 'bad'))

  const badOnes = async (claims: object): Promise<[string | null | undefined, string[]]> => {
    const { token: told } = await reportOf({ issuer: wish, token: issuer.token(claims) })
    return [told?.reason, told?.claims.flatMap(({ name, verdict }) => (verdict === 'bad' ? [name] : [])) ?? []]
  }
  assert.deepEqual(await badOnes({ aud: 'https://other', sub: 'x' }), ['wrong-audience', ['aud']])
  assert.deepEqual(await badOnes({ aud: 'https://other', exp: 1, sub: 5 }), ['wrong-audience', ['aud', 'exp', 'sub']])
  assert.deepEqual(await badOnes({ aud: AUDIENCE, sub: 'x', groups: { a: 1 } }), ['unreadable-groups', ['groups']])
  const rules = { ...wish, allow: { groups: ['owners'] } }
  const barred = await reportOf({ issuer: rules, token })
  assert.equal(barred.token?.reason, 'not-in-group')
  assert.ok(barred.token?.claims.some(({ name, verdict }) => name === 'let in' && verdict === 'bad'))
  const slash = { ...wish, issuer: `${issuer.issuer}/` }
  const wrong = await reportOf({ issuer: slash, token })
  assert.match(wrong.discovery.detail, /another issuer/)
  assert.ok(wrong.token?.claims.some(({ name, verdict }) => name === 'iss' && verdict === 'bad'))
  const down = await reportOf({ issuer: { ...wish, issuer: `http://127.0.0.1:${await freePort()}/` }, token: 'x' })
  assert.deepEqual([down.discovery.outcome, down.keys.outcome, down.token?.reason], ['bad', 'bad', 'opaque'])

  const client = new Client({ connectionString: postgres.url() })
  await client.connect()
  const { rows } = await client.query(`select 1 from audit_events where detail::text like '%' || $1 || '%'`, [token])
  const tested = await client.query(`select 1 from audit_events where action = 'issuer.test'`)
  await client.end()
  assert.equal(rows.length, 0)
  assert.ok(tested.rows.length > 0)
  for (const system of [first, second]) assert.equal(system.log().includes(token.split('.')[2]!), false)
  assert.equal((await admin.get('/issuers')).text.includes(issuer.issuer), false, 'a test adds nothing')
})

test('a client secret is sealed, never told, kept by a change that says nothing of it, and deleted by null', async () => {
  const secret = 'a client secret that nobody reads'
  await using issuer = await startPlainIssuer('/secret')
  const body = { issuer: issuer.issuer, clientId: 'web', name: 'Sealed' }
  const { id } = await added({ ...body, clientSecret: secret })
  const view = async (): Promise<Issuer> => (await admin.get(`/issuers/${id}`)).json<Issuer>()
  assert.equal((await view()).hasClientSecret, true)
  const client = new Client({ connectionString: postgres.url() })
  await client.connect()
  const { rows } = await client.query(`select encode(client_secret, 'escape') as sealed, settings::text from issuers`)
  const events = await client.query(`select detail::text as detail from audit_events where action like 'issuer.%'`)
  await client.end()
  assert.equal(JSON.stringify([rows, events.rows, (await admin.get('/issuers')).text]).includes(secret), false)
  assert.equal((await admin.put(`/issuers/${id}`, { ...body, name: 'Renamed' })).json<Issuer>().hasClientSecret, true)
  const gone = await admin.put(`/issuers/${id}`, { ...body, clientSecret: null })
  assert.equal(gone.json<Issuer>().hasClientSecret, false)
})

test('what can’t be an issuer is refused, and one of the configuration is only shown', async () => {
  const issuers = (await admin.get('/issuers')).json<{ issuers: Issuer[] }>().issuers
  const fixed = issuers.find(({ source }) => source === 'configuration')!
  assert.equal(fixed.name, 'Configured')
  const body = { issuer: configured.issuer, audience: 'x' }
  assert.equal((await admin.post('/issuers', body)).status, 409)
  assert.equal((await admin.put(`/issuers/${fixed.id}`, body)).status, 409)
  assert.equal((await admin.delete(`/issuers/${fixed.id}`)).status, 409)
  const wrong: [object, string][] = [
    [{ issuer: 'http://example.com/', audience: 'x' }, '/issuer'],
    [{ issuer: 'https://user:password@example.com/', audience: 'x' }, '/issuer'],
    [{ issuer: 'nonsense', audience: 'x' }, '/issuer'],
    [{ issuer: 'https://example.com/' }, '/audience'],
    [{ issuer: 'https://example.com/', audience: 'x', clientSecret: 's' }, '/clientSecret'],
    [{ issuer: 'https://example.com/', audience: 'x', jwksUri: 'http://169.254.169.254/' }, '/jwksUri'],
    [{ issuer: 'https://example.com/', audience: 'x', adminGroups: ['a'] }, '/adminGroups'],
    [
      { issuer: 'https://example.com/', audience: 'x', allow: { emailDomains: ['@example.com'] } },
      '/allow/emailDomains/0',
    ],
    [{ issuer: 'https://example.com/', audience: 'x', algorithms: ['none'] }, '/algorithms/0'],
    [{ issuer: 'https://example.com/', audience: 'x', algorithms: ['HS256'] }, '/algorithms/0'],
    [{ issuer: 'https://example.com/', audience: 'x', more: 1 }, '/more'],
  ]
  for (const [given, path] of wrong) {
    const answer = await admin.post('/issuers', given)
    assert.equal(answer.status, 400, JSON.stringify(given))
    assert.ok(
      answer.json<Problem>().errors?.some((each) => each.path === path),
      answer.text,
    )
  }
  await using issuer = await startPlainIssuer('/moved')
  const { id, updatedAt } = await added({ issuer: issuer.issuer, audience: AUDIENCE })
  const moved = await admin.put(`/issuers/${id}`, { issuer: `${issuer.issuer}/x`, audience: AUDIENCE })
  assert.equal(moved.status, 400)
  const stale = { headers: { 'if-match': '"2020-01-01T00:00:00.000Z"' } }
  assert.equal((await admin.put(`/issuers/${id}`, { issuer: issuer.issuer, audience: 'x' }, stale)).status, 412)
  assert.ok(updatedAt)
  const user = at(first, issuer, { sub: 'nobody' })
  assert.equal((await user.get('/issuers')).status, 403)
  assert.equal((await user.post('/issuers/test', { id })).status, 403)
})

test('an administrator does not delete the issuer of their own sign-in', async () => {
  await using issuer = await startPlainIssuer('/own')
  const body = { issuer: issuer.issuer, audience: AUDIENCE, claims: { groups: 'groups' }, adminGroups: ['admins'] }
  const { id } = await added(body)
  const boss = at(second, issuer, { sub: 'boss', groups: ['admins'] })
  assert.equal((await boss.delete(`/issuers/${id}`)).status, 409)
  assert.equal((await admin.delete(`/issuers/${id}`)).status, 204)
})
