import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { after, before, test } from 'node:test'
import { type Api, auditEvents, signInAsAdmin } from './api.ts'
import { freePort } from './free-port.ts'
import { type PlainBrowser, plainBrowser } from './issuer-steps.ts'
import { type BrowserIssuer, SHAPES, startBrowserIssuer } from './issuers/browser-issuer.ts'
import { poll } from './poll.ts'
import { startSystem, type System } from './system.ts'

const OWN = { 'x-skycrate-session': 'cookie', 'sec-fetch-site': 'same-origin' }
const NAMES = Object.keys(SHAPES) as (keyof typeof SHAPES)[]

const everything = new AsyncDisposableStack()
const issuers = new Map<string, BrowserIssuer>()
const ids = new Map<string, string>()
let system: System
let admin: Api
/** As the operator gave it, and not as the machine's other name. */
let url: string

before(async () => {
  const httpPort = await freePort()
  url = `http://localhost:${httpPort}`
  const settings: object[] = []
  for (const name of NAMES) {
    const issuer = everything.use(await startBrowserIssuer(SHAPES[name], { publicUrl: url }))
    issuers.set(name, issuer)
    settings.push({
      name,
      issuer: issuer.issuer,
      clientId: issuer.clientId,
      ...(issuer.secret === undefined ? {} : { clientSecret: issuer.secret }),
      claims: {
        groups: {
          auth0: 'https://skycrate.test/groups',
          cognito: 'cognito:groups',
          entra: 'roles',
          keycloak: 'realm_access.roles',
          plain: 'groups',
        }[name],
      },
      ...(name === 'cognito' ? { adminGroups: ['admins'] } : {}),
    })
  }
  system = everything.use(
    await startSystem({ httpPort, env: { SKYCRATE_ISSUERS: JSON.stringify(settings), SKYCRATE_TRUST_PROXY: 'true' } }),
  )
  admin = await signInAsAdmin(system)
  const list = (await admin.get('/auth/issuers')).json<{ issuers: { id: string; name: string }[] }>()
  for (const { id, name } of list.issuers) ids.set(name, id)
})
after(() => everything.disposeAsync())

const issuerOf = (name: string): BrowserIssuer => issuers.get(name)!
const startUrl = (name: string, returnTo?: string): string =>
  `${url}/api/v1/auth/issuers/${ids.get(name)}/start${returnTo === undefined ? '' : `?returnTo=${encodeURIComponent(returnTo)}`}`
const isCallback = (at: string): boolean => at.startsWith(`${url}/api/v1/auth/callback`)

/** Where it ended: a page, or the sign-in page with what went wrong. */
async function signIn(browser: PlainBrowser, name: string, who: string, returnTo?: string): Promise<string> {
  const { url: end } = await browser.follow(startUrl(name, returnTo), who)
  return end.slice(url.length)
}
async function me(browser: PlainBrowser): Promise<Record<string, unknown>> {
  const answer = await browser.ask(`${url}/api/v1/auth/me`, { headers: OWN })
  return answer.json()
}

for (const name of NAMES) {
  test(`a person of an issuer shaped like ${name} signs in and comes to where they wanted to go`, async () => {
    const browser = plainBrowser()
    assert.equal(await signIn(browser, name, 'ada', '/files?folder=a%2F'), '/files?folder=a%2F')
    const person = await me(browser)
    assert.equal(person['email'], `ada@${name}.example`)
    assert.equal(person['issuer'], issuerOf(name).issuer)
    assert.equal(person['isAdmin'], name === 'cognito')
    assert.equal(person['emailVerified'], !['cognito', 'entra'].includes(name), 'only the boolean true is a yes')
    if (name !== 'plain') assert.ok((person['groups'] as string[]).includes('editors'), JSON.stringify(person))
    // No token of the issuer, and no code, is anywhere in what the browser keeps.
    assert.match(browser.jarOf(url).header(), /^skycrate-\d+=skyb_[\w-]{43}; skycrate-signed-in-\d+=1/)
  })
}

test('the same subject of several issuers is another person at each, and the same one again', async () => {
  const people = new Map<string, unknown>()
  for (const name of NAMES) {
    for (let turn = 0; turn < 2; turn++) {
      const browser = plainBrowser()
      await signIn(browser, name, 'same')
      const { id } = await me(browser)
      if (turn === 1) assert.equal(people.get(name), id)
      people.set(name, id)
    }
  }
  assert.equal(new Set(people.values()).size, NAMES.length)
})

test('the issuer is asked with PKCE, a state and a nonce, and never told the verifier', async () => {
  const { headers } = await plainBrowser().ask(startUrl('auth0'))
  const asked = new URL(headers.location!)
  assert.equal(asked.origin + asked.pathname, `${issuerOf('auth0').issuer}auth`)
  const of = (name: string): string => asked.searchParams.get(name) ?? ''
  assert.equal(of('response_type'), 'code')
  assert.equal(of('code_challenge_method'), 'S256')
  assert.equal(of('redirect_uri'), `${url}/api/v1/auth/callback`)
  for (const name of ['code_challenge', 'state', 'nonce']) assert.match(of(name), /^[\w-]{43}$/)
  assert.equal(of('scope'), 'openid email profile')
  assert.notEqual(of('code_challenge'), createHash('sha256').update(of('state')).digest('base64url'))
})

/** The address with the code, as the browser would ask for it. */
async function comingBack(browser: PlainBrowser, name = 'keycloak', who = 'grace'): Promise<string> {
  const { url: back } = await browser.follow(startUrl(name), who, isCallback)
  return back
}
async function endOf(browser: PlainBrowser, back: string): Promise<string> {
  const { headers } = await browser.ask(back)
  return headers.location ?? ''
}

test('an answer is good once: neither the state nor the code works again', async () => {
  const browser = plainBrowser()
  const back = await comingBack(browser)
  const mark = browser.jarOf(url).header()
  assert.equal(await endOf(browser, back), '/')
  assert.equal(await endOf(browser, back), '/sign-in?problem=sign-in-expired')
  // With the mark that the first use removed.
  const again = await plainBrowser().ask(back, { headers: { cookie: mark } })
  assert.equal(again.headers.location, '/sign-in?problem=sign-in-expired')
  // The code in another attempt.
  const other = plainBrowser()
  const fresh = new URL(await comingBack(other))
  fresh.searchParams.set('code', new URL(back).searchParams.get('code')!)
  assert.equal(await endOf(other, fresh.href), '/sign-in?problem=sign-in-refused')
  assert.equal(other.jarOf(url).session(), undefined)
})

test('of two who bring the same answer at once, one is signed in', async () => {
  const browser = plainBrowser()
  const back = await comingBack(browser)
  const cookie = browser.jarOf(url).header()
  const ends = await Promise.all(
    Array.from({ length: 8 }, async () => (await plainBrowser().ask(back, { headers: { cookie } })).headers.location),
  )
  assert.deepEqual(ends.filter((end) => end === '/').length, 1, ends.join())
})

test('an answer that another browser was to bring signs nobody in (login CSRF)', async () => {
  const attacker = plainBrowser()
  const back = await comingBack(attacker, 'keycloak', 'mallory')
  const victim = plainBrowser()
  assert.equal(await endOf(victim, back), '/sign-in?problem=sign-in-expired')
  // Also one with a sign-in of its own under way.
  const second = await comingBack(attacker, 'keycloak', 'mallory')
  await victim.ask(startUrl('keycloak'))
  assert.equal(await endOf(victim, second), '/sign-in?problem=sign-in-expired')
  assert.equal(victim.jarOf(url).session(), undefined)
})

test('a changed, missing or doubled state or code signs nobody in', async () => {
  const changes: readonly ((answer: URLSearchParams) => void)[] = [
    (answer) => answer.set('state', 'x'.repeat(43)),
    (answer) => answer.delete('state'),
    (answer) => answer.set('code', 'made-up'),
    (answer) => answer.delete('code'),
    (answer) => answer.append('state', answer.get('state')!),
    (answer) => answer.append('code', 'another'),
    (answer) => answer.set('response', 'eyJhbGciOiJub25lIn0.e30.'),
    (answer) => answer.set('id_token', 'eyJhbGciOiJub25lIn0.e30.'),
  ]
  for (const change of changes) {
    const browser = plainBrowser()
    const back = new URL(await comingBack(browser))
    change(back.searchParams)
    const answer = await browser.ask(back.href)
    const end = answer.headers.location ?? String(answer.status)
    assert.match(end, /^(\/sign-in\?problem=sign-in-(expired|refused)|400)$/, back.search)
    assert.equal(browser.jarOf(url).session(), undefined)
  }
})

test('an answer of one issuer is none of another (mix-up)', async () => {
  const browser = plainBrowser()
  const honest = new URL(await comingBack(browser, 'keycloak', 'grace'))
  // The code of the honest issuer for the state of the other; with its name, without, and with the other's.
  for (const iss of [honest.searchParams.get('iss')!, undefined, issuerOf('entra').issuer]) {
    const back = new URL(await comingBack(browser, 'entra', 'grace'))
    back.searchParams.set('code', honest.searchParams.get('code')!)
    back.searchParams.delete('iss')
    if (iss !== undefined) back.searchParams.set('iss', iss)
    assert.equal(await endOf(browser, back.href), '/sign-in?problem=sign-in-refused', String(iss))
  }
  assert.equal(browser.jarOf(url).session(), undefined)
})

const FORGED_CLAIMS: readonly (readonly [string, Record<string, unknown>])[] = [
  ['another nonce', { nonce: 'x'.repeat(43) }],
  ['another audience', { aud: ['another-client'] }],
  ['another issuer', { iss: 'https://evil.example' }],
  ['an end in the past', { exp: 1_000_000_000 }],
  ['the use of an access token', { token_use: 'refresh' }],
]
for (const [what, changes] of FORGED_CLAIMS) {
  test(`an ID token with ${what} signs nobody in`, async (t) => {
    const issuer = issuerOf('keycloak')
    const browser = plainBrowser()
    const back = await comingBack(browser)
    issuer.idTokenChanges = changes
    t.after(() => void (issuer.idTokenChanges = {}))
    assert.equal(await endOf(browser, back), '/sign-in?problem=sign-in-refused')
    assert.equal(browser.jarOf(url).session(), undefined)
  })
}

test('who does not want to, or may not, is told on the sign-in page, and it is in the audit log', async () => {
  const browser = plainBrowser()
  assert.equal(await signIn(browser, 'auth0', 'cancel'), '/sign-in?problem=sign-in-refused')
  const events = await auditEvents(admin, '/audit/logs')
  assert.ok(
    events.some(
      ({ action, outcome, reason }) => [action, outcome, reason].join() === 'auth.login,deny,issuer: access_denied',
    ),
  )
})

const RETURNS: readonly string[] = [
  'https://evil.example',
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '/%2F/evil.example',
  '/%5Cevil.example',
  'javascript:alert(1)',
  'data:text/html,x',
  'evil.example',
  '/@evil.example',
  'http:evil.example',
  '/.evil.example/..//evil.example',
  '/files\r\nset-cookie: a=b',
  ' /files',
  '',
]
for (const returnTo of RETURNS) {
  test(`nobody is sent on to ${JSON.stringify(returnTo)} after a sign-in`, async () => {
    const browser = plainBrowser()
    const { url: back } = await browser.follow(startUrl('auth0', returnTo), 'ada', isCallback)
    const location = await endOf(browser, back)
    assert.ok(location === '/' || /^\/[\w.-]*evil\.example\/?$/.test(location), location)
    assert.equal(new URL(location, url).origin, url)
  })
}

test('a sign-in begins at the name that the issuer sends back to', async () => {
  const { headers } = await plainBrowser().ask(startUrl('auth0', '/files').replace('localhost', '127.0.0.1'))
  assert.equal(headers.location, startUrl('auth0', '/files'))
})

test('an unknown issuer, and one that nobody signs in with, lead to the sign-in page', async () => {
  for (const id of ['iss_unknown', '..', 'x'.repeat(64)]) {
    const { headers } = await plainBrowser().ask(`${url}/api/v1/auth/issuers/${id}/start`)
    assert.equal(headers.location, '/sign-in?problem=not-found', id)
  }
})

const html = (response: ServerResponse): void =>
  void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>login</html>')
const BROKEN: readonly (readonly [string, (response: ServerResponse) => void])[] = [
  ['answers HTML', html],
  ['redirects', (response) => void response.writeHead(302, { location: '/elsewhere' }).end()],
  ['fails', (response) => void response.writeHead(500).end('{}')],
  ['answers without end', (response) => flood(response)],
  ['drips', (response) => drip(response)],
  ['hangs', () => undefined],
]

/** Until the other side has had enough. */
function flood(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  const piece = `"${'x'.repeat(65_536)}",`
  response.write('[')
  const more = (): void => {
    while (!response.destroyed && response.write(piece));
    if (!response.destroyed) response.once('drain', more)
  }
  more()
}
function drip(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  const timer = setInterval(() => response.write(' '), 500)
  response.once('close', () => clearInterval(timer))
}

for (const [what, answer] of BROKEN) {
  test(`an issuer whose token endpoint ${what} costs a sign-in, and nobody else anything`, async (t) => {
    const issuer = issuerOf('auth0')
    const browser = plainBrowser()
    const back = await comingBack(browser, 'auth0', 'ada')
    issuer.tokenAnswer = answer
    t.after(() => void (issuer.tokenAnswer = undefined))
    const startedAt = performance.now()
    const ending = endOf(browser, back)
    assert.equal((await admin.get('/auth/me')).status, 200)
    assert.equal(await signIn(plainBrowser(), 'keycloak', 'ada'), '/')
    assert.match(await ending, /^\/sign-in\?problem=(issuer-unavailable|sign-in-refused)$/)
    assert.ok(performance.now() - startedAt < 25_000)
    assert.equal(browser.jarOf(url).session(), undefined)
    issuer.tokenAnswer = undefined
    assert.equal(await signIn(plainBrowser(), 'auth0', 'ada'), '/', 'it heals by itself')
  })
}

test('when and how somebody signed in counts as the issuer signs it, and only so', async (t) => {
  const issuer = issuerOf('keycloak')
  t.after(() => void (issuer.idTokenChanges = {}))
  /** Refused before its body is looked at where the sign-in was too long ago. */
  const createToken = async (browser: PlainBrowser): Promise<unknown> => {
    const headers = { ...OWN, 'content-type': 'application/json' }
    const answer = await browser.ask(`${url}/api/v1/auth/tokens`, { method: 'POST', headers, body: '{}' })
    return answer.json<{ code: string }>().code
  }
  const now = Math.floor(Date.now() / 1000)
  for (const [auth_time, code] of [
    [undefined, 'invalid-request'],
    [now - 60, 'invalid-request'],
    [now - 3600, 'fresh-authentication-required'],
    // It does not last longer for that.
    [now + 3600, 'invalid-request'],
    // That is no ID token.
    ['long ago', 'unauthenticated'],
  ] as const) {
    issuer.idTokenChanges = auth_time === undefined ? {} : { auth_time }
    const browser = plainBrowser()
    await signIn(browser, 'keycloak', 'timely')
    assert.equal(await createToken(browser), code, String(auth_time))
  }

  const group = { name: 'careful', requiresSecondFactor: true }
  const { id: groupId } = (await admin.post('/groups', group)).json<{ id: string }>()
  for (const [name, changes, needs] of [
    ['keycloak', { amr: ['pwd'] }, true],
    ['keycloak', { amr: ['pwd', 'otp', 'mfa'] }, false],
    // What the userinfo endpoint says is not signed.
    ['plain', {}, true],
  ] as const) {
    issuer.idTokenChanges = changes
    const browser = plainBrowser()
    await signIn(browser, name, 'careful')
    const { id } = await me(browser)
    assert.equal((await admin.put(`/groups/${groupId}/members/${String(id)}`, {})).status, 204)
    assert.equal((await me(browser))['needsSecondFactor'], needs, `${name} ${JSON.stringify(changes)}`)
  }
})

test('a sign-out says where to sign out at the issuer, and needs the own page', async () => {
  const browser = plainBrowser()
  await signIn(browser, 'keycloak', 'ada')
  const forged = await browser.ask(`${url}/api/v1/auth/sign-out`, {
    method: 'POST',
    headers: { origin: 'https://evil.example' },
  })
  assert.equal(forged.status, 403)
  const answer = await browser.ask(`${url}/api/v1/auth/sign-out`, { method: 'POST', headers: OWN })
  const { issuerSignOutUrl } = answer.json<{ issuerSignOutUrl: string }>()
  const there = new URL(issuerSignOutUrl)
  assert.equal(there.origin, new URL(issuerOf('keycloak').issuer).origin)
  assert.equal(there.searchParams.get('post_logout_redirect_uri'), `${url}/sign-in`)
  assert.ok(there.searchParams.get('id_token_hint'))
  assert.equal(browser.jarOf(url).session(), undefined)
  // Where it is not offered, and for a built-in account.
  await signIn(browser, 'cognito', 'ada')
  const second = await browser.ask(`${url}/api/v1/auth/sign-out`, { method: 'POST', headers: OWN })
  assert.deepEqual(second.json(), { issuerSignOutUrl: null })
})

test('a session that ends at the issuer ends here (back-channel logout)', async () => {
  const browser = plainBrowser()
  const elsewhere = plainBrowser()
  for (const each of [browser, elsewhere]) await signIn(each, 'keycloak', 'lin')
  const copy = browser.jarOf(url).header()
  // The person signs out at the issuer, by another application or its own page.
  const signOut = await browser.ask(`${url}/api/v1/auth/issuers/${ids.get('keycloak')}/start`)
  assert.equal(signOut.status, 302)
  const page = await browser.ask(`${issuerOf('keycloak').issuer}/session/end`)
  const action = /action="([^"]+)"/.exec(page.text)?.[1]
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(page.text)?.[1]
  assert.ok(action && xsrf, page.text)
  await browser.ask(action, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ xsrf, logout: 'yes' }).toString(),
  })
  const code = await poll('the session ends here', 10_000, async () => {
    const answer = await plainBrowser().ask(`${url}/api/v1/auth/me`, { headers: { ...OWN, cookie: copy } })
    return answer.status === 401 && answer.json<{ code: string }>().code
  })
  assert.equal(code, 'session-ended')
  assert.equal((await me(elsewhere))['email'], 'lin@keycloak.example', 'in another browser it goes on')
  // The issuer's own token, once more and many times at once.
  const token = issuerOf('keycloak').logoutTokens.at(-1)!
  const replays = await Promise.all(Array.from({ length: 5 }, () => sendLogoutToken(elsewhere, token)))
  assert.deepEqual(
    replays.map(({ status }) => status),
    Array<number>(5).fill(401),
  )
  await poll('the log says why', 10_000, () => system.log().includes('used-before'))
})

const sendLogoutToken = (browser: PlainBrowser, token: string) =>
  browser.ask(`${url}/api/v1/auth/back-channel-logout`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ logout_token: token }).toString(),
  })

test('a logout token that is none ends nothing', async () => {
  const browser = plainBrowser()
  await signIn(browser, 'keycloak', 'ada')
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = {
    iss: issuerOf('keycloak').issuer,
    aud: issuerOf('keycloak').clientId,
    sub: 'ada',
    iat: Math.floor(Date.now() / 1000),
    exp: Math.floor(Date.now() / 1000) + 60,
    jti: 'j',
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
  }
  const tokens = [
    'x',
    '',
    `${part({ alg: 'none' })}.${part(claims)}.`,
    `${part({ alg: 'RS256' })}.${part(claims)}.AAAA`,
    `${part({ alg: 'HS256' })}.${part(claims)}.AAAA`,
  ]
  for (const token of tokens) {
    const answer = await sendLogoutToken(browser, token)
    assert.ok([400, 401].includes(answer.status), `${answer.status} ${answer.text}`)
  }
  assert.equal((await me(browser))['email'], 'ada@keycloak.example')
})

test('a suspended person of an issuer is refused, with a session and at the next sign-in', async () => {
  const browser = plainBrowser()
  await signIn(browser, 'keycloak', 'suspended')
  const { id } = await me(browser)
  const change = { name: null, isAdmin: false, state: 'suspended', groups: [] }
  assert.equal((await admin.put(`/users/${String(id)}`, change)).status, 200)
  assert.ok(['session-ended', 'account-suspended'].includes(String((await me(browser))['code'])))
  assert.equal(await signIn(plainBrowser(), 'keycloak', 'suspended'), '/sign-in?problem=account-suspended')
})

test('no code, token or secret of a sign-in is in the log', () => {
  const log = system.log()
  for (const secret of [/eyJ[\w-]{20}/, /client secret/, /skyo_/, /skyb_/, /code=/]) assert.doesNotMatch(log, secret)
})

test('beginning sign-ins without end is limited', async () => {
  const from = (address: string) => plainBrowser(address).ask(startUrl('auth0'))
  const ends = await Promise.all(Array.from({ length: 90 }, () => from('198.51.100.1')))
  const refused = ends.filter(({ headers }) => headers.location === '/sign-in?problem=too-many-requests')
  assert.ok(refused.length > 0)
  assert.match((await from('198.51.100.2')).headers.location!, /^http/, 'of one network alone')
})
