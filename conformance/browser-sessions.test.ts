import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Api, apiOf, auditEvents, type Problem, signInAsAdmin } from './api.ts'
import { type CookieJar, cookieJar } from './cookies.ts'
import { type Answer, request } from './http.ts'
import { pathOf, readOpenApi } from './openapi-document.ts'
import { startSystem, type System } from './system.ts'

const PASSWORD = 'seven brave turnips'
const OWN = { 'x-skycrate-session': 'cookie', 'sec-fetch-site': 'same-origin' }

let system: System
let admin: Api

before(async () => {
  system = await startSystem()
  admin = await signInAsAdmin(system)
})
after(() => system?.[Symbol.asyncDispose]())

let people = 0
/** A user of their own for each test. */
async function newPerson(): Promise<{ id: string; email: string; password: string }> {
  const email = `person${people++}@example.com`
  const made = await admin.post('/users', { email, password: PASSWORD })
  assert.equal(made.status, 201, made.text)
  return { id: made.json<{ id: string }>().id, email, password: PASSWORD }
}

interface Sent {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** As a browser sends it: with its cookies, and keeping those that come. */
async function by(jar: CookieJar, path: string, { method, headers, body }: Sent = {}): Promise<Answer> {
  const answer = await request(`${system.url}/api/v1${path}`, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(jar.header() === '' ? {} : { cookie: jar.header() }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(headers ?? OWN),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  jar.take(answer)
  return answer
}

async function signedIn(who: { email: string; password: string }, jar = cookieJar()): Promise<CookieJar> {
  const answer = await by(jar, '/auth/login', { body: { email: who.email, password: who.password } })
  assert.equal(answer.status, 200, answer.text)
  return jar
}

const codeOf = (answer: Answer): string => (answer.status < 300 ? String(answer.status) : answer.json<Problem>().code)

test('a sign-in by cookie answers without a token, and the cookie is out of reach of scripts', async () => {
  const person = await newPerson()
  const jar = cookieJar()
  const answer = await by(jar, '/auth/login', { body: { email: person.email, password: person.password } })
  assert.match(String(answer.headers['content-type']), /^application\/json/)
  assert.deepEqual(Object.keys(answer.json<object>()).toSorted(), ['expiresAt', 'session'])
  assert.ok(!/eyJ|skyr_|skyb_/.test(answer.text), answer.text)
  const cookies = answer.headers['set-cookie'] ?? []
  const session = cookies.find((each) => /^skycrate-\d+=skyb_[\w-]{43};/.test(each))
  assert.ok(session, cookies.join('\n'))
  assert.match(session, /; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/)
  // What scripts may read says only that there is a session.
  const readable = cookies.filter((each) => !each.includes('HttpOnly'))
  assert.deepEqual(readable.length, 1)
  assert.match(readable[0]!, /^skycrate-signed-in-\d+=1;/)
  const me = await by(jar, '/auth/me')
  assert.equal(me.json<{ email: string }>().email, person.email)
})

test('with TLS the cookies are Secure and of this host alone', async () => {
  await using other = await startSystem({ env: { SKYCRATE_PUBLIC_URL: 'https://files.example.com' } })
  const answer = await request(`${other.url}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...OWN },
    body: JSON.stringify(other.admin),
  })
  const cookies = answer.headers['set-cookie'] ?? []
  assert.equal(cookies.length, 2, answer.text)
  for (const cookie of cookies) {
    assert.match(cookie, /^__Host-skycrate(-signed-in)?=/)
    assert.match(cookie, /; Path=\/; .*Secure; SameSite=Lax$/)
    assert.doesNotMatch(cookie, /domain/i)
  }
})

test('without the header a sign-in answers with tokens and sets nothing', async () => {
  const person = await newPerson()
  const answer = await by(cookieJar(), '/auth/login', {
    body: { email: person.email, password: person.password },
    headers: {},
  })
  assert.match(answer.json<{ access_token: string }>().access_token, /^eyJ/)
  assert.equal(answer.headers['set-cookie'], undefined)
})

test('a session is never the one that was there before the sign-in', async () => {
  const [attacker, victim] = [await newPerson(), await newPerson()]
  const planted = await signedIn(attacker)
  const jar = cookieJar()
  const name = planted.header().split('=')[0]!
  // The attacker's own session, and one that the attacker made up.
  for (const value of [planted.session()!, `skyb_${'A'.repeat(43)}`]) {
    const before = { status: 200, headers: { 'set-cookie': [`${name}=${value}`] } } as unknown as Answer
    jar.take(before)
    await signedIn(victim, jar)
    assert.notEqual(jar.session(), value)
    assert.equal((await by(jar, '/auth/me')).json<{ email: string }>().email, victim.email)
    const old = cookieJar()
    old.take(before)
    assert.equal(codeOf(await by(old, '/auth/me')), 'session-ended')
  }
})

/** What a request looks like that a page of another site causes, and some that only pretend. */
const FORGED: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['a form of another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
  ['a form of another host of the domain', { 'sec-fetch-site': 'same-site', origin: 'https://sub.example.com' }],
  ['a script of another site that CORS lets send headers', { ...OWN, 'sec-fetch-site': 'cross-site' }],
  ['a browser that says nothing of the site', { 'x-skycrate-session': 'cookie' }],
  ['an old browser on another site', { 'x-skycrate-session': 'cookie', origin: 'https://evil.example' }],
  ['a sandboxed frame', { 'x-skycrate-session': 'cookie', origin: 'null' }],
  ['the own page without the header', { 'sec-fetch-site': 'same-origin' }],
  ['the own page with another value', { 'sec-fetch-site': 'same-origin', 'x-skycrate-session': 'tokens' }],
  ['an address typed by hand', { ...OWN, 'sec-fetch-site': 'none' }],
]

test('no route changes anything for a cookie that another site sent', async () => {
  const openApi = await readOpenApi(system.url)
  const jar = await signedIn(system.admin)
  const changing = openApi.operations.filter(
    ({ method, security }) => method !== 'GET' && (security === undefined || security.some((each) => 'cookie' in each)),
  )
  assert.ok(changing.length > 25)
  for (const operation of changing) {
    const params = Object.fromEntries([...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name, 'x']))
    const path = pathOf(operation, params).slice('/api/v1'.length)
    const body = openApi.exampleOf(operation)
    for (const [what, headers] of FORGED) {
      const answer = await by(jar, path, { method: operation.method, headers, body })
      assert.equal(codeOf(answer), 'cross-site-request', `${operation.operationId}: ${what}: ${answer.text}`)
    }
  }
  assert.equal(codeOf(await by(jar, '/auth/me')), '200', 'nothing happened to the session')
})

for (const [what, headers] of FORGED) {
  test(`nobody is signed in or out by ${what}`, async () => {
    const person = await newPerson()
    const body = { email: person.email, password: person.password }
    const stranger = cookieJar()
    const login = await by(stranger, '/auth/login', { body, headers })
    assert.equal(stranger.session(), undefined, `${login.status} ${login.text}`)
    const jar = await signedIn(person)
    assert.equal(codeOf(await by(jar, '/auth/logout', { body: {}, headers })), 'cross-site-request')
    assert.equal(codeOf(await by(jar, '/auth/me')), '200')
  })
}

test('nothing is told to a page of another site either', async () => {
  const jar = await signedIn(await newPerson())
  for (const site of ['cross-site', 'same-site']) {
    assert.equal(codeOf(await by(jar, '/auth/me', { headers: { 'sec-fetch-site': site } })), 'cross-site-request')
  }
  for (const headers of [{}, { 'sec-fetch-site': 'none' }, { 'sec-fetch-site': 'same-origin' }]) {
    assert.equal(codeOf(await by(jar, '/auth/me', { headers })), '200')
  }
})

test('a page at either name of the machine is the own one, also of a browser that only names its origin', async () => {
  const jar = await signedIn(await newPerson())
  const { port } = new URL(system.url)
  for (const origin of [system.url, `http://localhost:${port}`]) {
    const headers = { 'x-skycrate-session': 'cookie', origin }
    const answer = await by(jar, '/auth/me', { method: 'PUT', body: { name: 'Ada' }, headers })
    assert.equal(codeOf(answer), '200', origin)
  }
})

test('a token says on purpose what a cookie says by itself: it counts alone', async () => {
  const [one, other] = [await newPerson(), await newPerson()]
  const jar = await signedIn(one)
  const tokens = await apiOf(system.url, undefined).post('/auth/login', { email: other.email, password: PASSWORD })
  const authorization = `Bearer ${tokens.json<{ access_token: string }>().access_token}`
  const me = await by(jar, '/auth/me', { headers: { authorization } })
  assert.equal(me.json<{ email: string }>().email, other.email)
  // What the cookie holds is no bearer token, warm or cold.
  assert.equal(codeOf(await by(jar, '/auth/me')), '200')
  for (const text of [jar.session()!, `\t${jar.session()}`, `cookie ${jar.session()}`, `Bearer ${jar.session()}`]) {
    const answer = await by(cookieJar(), '/auth/me', { headers: { authorization: text } })
    assert.equal(codeOf(answer), 'invalid-token', text)
  }
})

test('a sign-out ends the session, removes the cookies and needs no body', async () => {
  const person = await newPerson()
  const jar = await signedIn(person)
  const kept = jar.header()
  const answer = await by(jar, '/auth/logout', { method: 'POST' })
  assert.equal(answer.status, 204, answer.text)
  assert.equal(jar.header(), '')
  const again = await by(cookieJar(), '/auth/me', { headers: { cookie: kept } })
  assert.equal(codeOf(again), 'session-ended')
  assert.equal(again.headers['set-cookie']?.length, 2, 'a cookie that is good no more is removed')
  assert.equal((await by(jar, '/auth/logout', { method: 'POST' })).status, 204, 'twice is fine')
  const events = await auditEvents(admin, '/audit/logs')
  assert.ok(events.some(({ action, userId }) => action === 'auth.logout' && userId === person.id))
})

test('a suspended user, and one whose sessions an administrator ended, are refused at once', async () => {
  const [suspended, ended] = [await newPerson(), await newPerson()]
  const [one, other] = [await signedIn(suspended), await signedIn(ended)]
  for (const jar of [one, other]) assert.equal(codeOf(await by(jar, '/auth/me')), '200')
  const change = { name: null, isAdmin: false, state: 'suspended', groups: [] }
  assert.equal((await admin.put(`/users/${suspended.id}`, change)).status, 200)
  assert.ok(['account-suspended', 'session-ended'].includes(codeOf(await by(one, '/auth/me'))))
  assert.equal((await admin.delete(`/users/${ended.id}/sessions`)).status, 204)
  assert.equal(codeOf(await by(other, '/auth/me')), 'session-ended')
})

test('no session token is in the log', () => assert.doesNotMatch(system.log(), /skyb_/))
