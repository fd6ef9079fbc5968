import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import { type Api, auditEvents, signInAsAdmin } from './api.ts'
import { violationsOf } from './axe.ts'
import { findBrowser, startBrowser } from './browser.ts'
import { complaintsOf, fillSignIn } from './browser-steps.ts'
import { type Postgres, startPostgres } from './engines/postgres.ts'
import { freePort } from './free-port.ts'
import type { Answer } from './http.ts'
import { type PlainBrowser, plainBrowser } from './issuer-steps.ts'
import { type BrowserIssuer, SHAPES, startBrowserIssuer } from './issuers/browser-issuer.ts'
import { startSystem, type System } from './system.ts'

const SHOTS = fileURLToPath(new URL('../artifacts/linking/', import.meta.url))
const OWN = { 'x-skycrate-session': 'cookie', 'sec-fetch-site': 'same-origin' }
const ACCOUNTS = 'urn:skycrate:accounts'
const PASSWORD = 'correct horse battery staple'
const NAMES = ['auth0', 'keycloak'] as const
type Name = (typeof NAMES)[number]

const browserPath = findBrowser()
const skip = browserPath === undefined ? 'a browser: apt-get install --no-install-recommends chromium' : false

const everything = new AsyncDisposableStack()
const issuers = new Map<Name, BrowserIssuer>()
const ids = new Map<string, string>()
let postgres: Postgres
let system: System
let admin: Api
let url: string

before(async () => {
  const httpPort = await freePort()
  url = `http://localhost:${httpPort}`
  postgres = everything.use(await startPostgres())
  const settings: object[] = []
  for (const name of NAMES) {
    const issuer = everything.use(await startBrowserIssuer(SHAPES[name], { publicUrl: url }))
    issuers.set(name, issuer)
    const secret = issuer.secret === undefined ? {} : { clientSecret: issuer.secret }
    settings.push({ name, issuer: issuer.issuer, clientId: issuer.clientId, ...secret })
  }
  const env = {
    DATABASE_URL: postgres.url(),
    SKYCRATE_ISSUERS: JSON.stringify(settings),
    SKYCRATE_TRUST_PROXY: 'true',
  }
  system = everything.use(await startSystem({ httpPort, env }))
  admin = await signInAsAdmin(system)
  const list = (await admin.get('/auth/issuers')).json<{ issuers: { id: string; name: string }[] }>()
  for (const { id, name } of list.issuers) ids.set(name, id)
})
after(() => everything.disposeAsync())

async function sql(text: string, values: readonly unknown[]): Promise<void> {
  const client = new Client({ connectionString: postgres.url() })
  await client.connect()
  await client.query(text, [...values])
  await client.end()
}

const issuerOf = (name: Name): string => issuers.get(name)!.issuer
const nobody = (): string => `p${randomBytes(6).toString('hex')}`
const isCallback = (at: string): boolean => at.startsWith(`${url}/api/v1/auth/callback`)
const call = (
  browser: PlainBrowser,
  method: string,
  path: string,
  body?: object,
  headers: Readonly<Record<string, string>> = OWN,
): Promise<Answer> =>
  browser.ask(`${url}/api/v1${path}`, {
    method,
    headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })

interface Person {
  readonly id: string
  readonly email: string
  readonly browser: PlainBrowser
}

/** Somebody with a built-in account, signed in in a browser. */
async function person(email = `${nobody()}@example.com`): Promise<Person> {
  const created = await admin.post('/users', { email, password: PASSWORD })
  assert.equal(created.status, 201, created.text)
  const browser = plainBrowser()
  await enter(browser, email)
  return { id: created.json<{ id: string }>().id, email, browser }
}
async function enter(browser: PlainBrowser, email: string): Promise<void> {
  const answer = await call(browser, 'POST', '/auth/login', { email, password: PASSWORD })
  assert.equal(answer.status, 200, answer.text)
}
/** Signs in at an issuer. @returns the user's id */
async function signInWith(browser: PlainBrowser, name: Name, who: string): Promise<string> {
  await browser.follow(`${url}/api/v1/auth/issuers/${ids.get(name)}/start`, who)
  return (await call(browser, 'GET', '/auth/me')).json<{ id: string }>().id
}
const startLink = (
  browser: PlainBrowser,
  name: Name,
  headers: Readonly<Record<string, string>> = OWN,
): Promise<Answer> => call(browser, 'POST', '/auth/identities', { issuerId: ids.get(name) }, headers)

/** The address with the code, as the issuer sends the browser to it. */
async function linkAnswer(browser: PlainBrowser, name: Name, who: string): Promise<string> {
  const started = await startLink(browser, name)
  assert.equal(started.status, 200, started.text)
  const { url: back } = await browser.follow(started.json<{ url: string }>().url, who, isCallback)
  return back
}
const endOf = async (browser: PlainBrowser, back: string): Promise<string> =>
  (await browser.ask(back)).headers.location!
const link = async (browser: PlainBrowser, name: Name, who: string): Promise<string> =>
  endOf(browser, await linkAnswer(browser, name, who))
const linked = (name: Name): string => `/profile?linked=${ids.get(name)}`

interface Identity {
  readonly issuer: string
  readonly subject: string
  readonly current: boolean
}
async function identitiesOf(browser: PlainBrowser): Promise<Identity[]> {
  return (await call(browser, 'GET', '/auth/identities')).json<{ identities: Identity[] }>().identities
}
const issuersOf = async (browser: PlainBrowser): Promise<string[]> =>
  (await identitiesOf(browser)).map(({ issuer }) => issuer)
const unlink = (browser: PlainBrowser, issuer: string, subject: string): Promise<Answer> =>
  call(browser, 'DELETE', `/auth/identities?${new URLSearchParams({ issuer, subject })}`)

test('a second and a third identity lead to the same user, and each change is recorded and mailed', async () => {
  const { id, email, browser } = await person()
  const who = nobody()
  assert.equal(await link(browser, 'keycloak', who), linked('keycloak'))
  assert.equal(await link(browser, 'auth0', who), linked('auth0'))
  assert.deepEqual(await issuersOf(browser), [ACCOUNTS, issuerOf('keycloak'), issuerOf('auth0')])
  assert.deepEqual(
    (await identitiesOf(browser)).map(({ current }) => current),
    [true, false, false],
  )
  for (const name of NAMES) {
    const elsewhere = plainBrowser()
    assert.equal(await signInWith(elsewhere, name, who), id)
    const mine = (await identitiesOf(elsewhere)).find(({ current }) => current)
    assert.equal(mine?.issuer, issuerOf(name))
    // Whoever knows the user by an address goes on to.
    assert.equal((await call(elsewhere, 'GET', '/auth/me')).json<{ email: string }>().email, email)
  }
  // Once more changes nothing.
  assert.equal(await link(browser, 'keycloak', who), linked('keycloak'))
  const events = (await auditEvents(admin, '/audit/logs')).filter(({ userId, action }) => {
    return userId === id && action === 'identity.link'
  })
  assert.deepEqual(
    events.map(({ outcome }) => outcome),
    ['allow', 'allow'],
  )
  const { mails } = (await admin.get('/mail/outbox')).json<{ mails: { to: string; text: string }[] }>()
  assert.equal(mails.filter(({ to, text }) => to === email && text.includes('was linked')).length, 2)
})

test('the issuer is asked to have the person prove who they are, also where it knows them', async () => {
  const { browser } = await person()
  const who = nobody()
  await signInWith(browser, 'keycloak', who)
  await enter(browser, (await person()).email)
  const started = await startLink(browser, 'keycloak')
  const asked = new URL(started.json<{ url: string }>().url)
  assert.equal(asked.searchParams.get('prompt'), 'login')
  const stopped = await browser.follow(asked.href, nobody(), (at) => at.includes('/interaction/'))
  assert.match(stopped.url, /\/interaction\//, 'no session at the issuer goes past it')
})

test('the same e-mail address links nobody, and the identity of another user stays theirs', async () => {
  const who = nobody()
  const { id, browser } = await person(`${who}@keycloak.example`)
  const other = plainBrowser()
  const otherId = await signInWith(other, 'keycloak', who)
  assert.notEqual(otherId, id, 'a user of its own, whatever its address')
  assert.equal(await link(browser, 'keycloak', who), '/profile?problem=identity-taken')
  assert.deepEqual(await issuersOf(browser), [ACCOUNTS])
  assert.equal((await call(other, 'GET', '/auth/me')).json<{ id: string }>().id, otherId)
  const denied = (await auditEvents(admin, '/audit/logs')).find(({ reason }) => reason === 'identity-taken')
  assert.deepEqual([denied?.userId, denied?.outcome], [id, 'deny'])
})

test('of two users who link one identity at once, one gets it', async () => {
  const who = nobody()
  const people = await Promise.all([person(), person(), person()])
  const answers: string[] = []
  for (const { browser } of people) answers.push(await linkAnswer(browser, 'auth0', who))
  const ends = await Promise.all(people.map(({ browser }, i) => endOf(browser, answers[i]!)))
  assert.deepEqual(ends.toSorted(), [linked('auth0'), ...Array<string>(2).fill('/profile?problem=identity-taken')])
  const winner = people[ends.indexOf(linked('auth0'))]!
  assert.equal(await signInWith(plainBrowser(), 'auth0', who), winner.id)
})

test("an attacker's answer links nothing to whoever is made to open it (link CSRF)", async () => {
  const [attacker, victim] = [await person(), await person()]
  const who = nobody()
  const back = await linkAnswer(attacker.browser, 'keycloak', who)
  assert.equal(await endOf(victim.browser, back), '/sign-in?problem=sign-in-expired')
  // Also while the victim links something, and with the answer of a sign-in in the place of one that links.
  const second = new URL(await linkAnswer(attacker.browser, 'keycloak', who))
  const own = new URL(await linkAnswer(victim.browser, 'keycloak', nobody()))
  assert.equal(await endOf(victim.browser, second.href), '/sign-in?problem=sign-in-expired')
  own.searchParams.set('code', second.searchParams.get('code')!)
  assert.equal(await endOf(victim.browser, own.href), '/profile?problem=sign-in-refused')
  assert.deepEqual(await issuersOf(victim.browser), [ACCOUNTS])
  assert.deepEqual(await issuersOf(attacker.browser), [ACCOUNTS])
})

test('an answer links once, and only in the session that began it', async () => {
  const { browser } = await person()
  const back = await linkAnswer(browser, 'keycloak', nobody())
  const cookies = browser.jarOf(url).header()
  assert.equal(await endOf(browser, back), linked('keycloak'))
  const replayed = await plainBrowser().ask(back, { headers: { cookie: cookies } })
  assert.equal(replayed.headers.location, '/sign-in?problem=sign-in-expired')

  // Somebody else signs in in the same browser before the issuer sends it back.
  const who = nobody()
  const second = await linkAnswer(browser, 'auth0', who)
  const next = await person()
  await enter(browser, next.email)
  assert.equal(await endOf(browser, second), '/profile?problem=sign-in-expired')
  assert.deepEqual(await issuersOf(browser), [ACCOUNTS])

  // Nobody is signed in any more, or the user was suspended meanwhile.
  const third = await linkAnswer(browser, 'auth0', who)
  await call(browser, 'POST', '/auth/sign-out')
  assert.equal(await endOf(browser, third), '/profile?problem=sign-in-expired')
  await enter(browser, next.email)
  const fourth = await linkAnswer(browser, 'auth0', who)
  const suspension = { name: null, isAdmin: false, state: 'suspended', groups: [] }
  assert.equal((await admin.put(`/users/${next.id}`, suspension)).status, 200)
  assert.equal(await endOf(browser, fourth), '/profile?problem=sign-in-expired')
})

test('a sign-in that another site starts links nothing', async () => {
  const { id, browser } = await person()
  const who = nobody()
  assert.notEqual(await signInWith(browser, 'keycloak', who), id, 'it is a sign-in')
  const forged = await startLink(browser, 'keycloak', {
    'content-type': 'application/json',
    origin: 'https://evil.example',
  })
  assert.equal(forged.json<{ code: string }>().code, 'cross-site-request')
})

test('neither an old session nor a token links or unlinks', async () => {
  const { id, browser } = await person()
  const who = nobody()
  await link(browser, 'keycloak', who)
  await sql(`update sessions set auth_time = now() - interval '11 minutes' where user_id = $1`, [id])
  await sql(`select pg_notify('skycrate_users', $1)`, [id])
  const stale = [await startLink(browser, 'auth0'), await unlink(browser, issuerOf('keycloak'), who)]
  for (const answer of stale) assert.equal(answer.json<{ code: string }>().code, 'fresh-authentication-required')
  const byToken = await admin.post('/auth/identities', { issuerId: ids.get('auth0') })
  assert.equal(byToken.status, 409, byToken.text)
  const unknown = await call((await person()).browser, 'POST', '/auth/identities', { issuerId: 'iss_unknown' })
  assert.equal(unknown.status, 404)
})

test('an identity is unlinked with its sessions; neither the last one, nor the one in use, nor another user’s', async () => {
  const { id, browser } = await person()
  const who = nobody()
  await link(browser, 'keycloak', who)
  await link(browser, 'auth0', who)
  const there = plainBrowser()
  assert.equal(await signInWith(there, 'keycloak', who), id)
  const codes = async (answer: Promise<Answer>): Promise<string> => (await answer).json<{ code: string }>().code
  assert.equal(await codes(unlink(there, issuerOf('keycloak'), who)), 'conflict', 'in use')
  assert.equal(await codes(unlink(browser, ACCOUNTS, id)), 'conflict', 'the account itself')
  assert.equal(await codes(unlink((await person()).browser, issuerOf('keycloak'), who)), 'not-found')
  assert.equal((await unlink(browser, issuerOf('keycloak'), who)).status, 204)
  assert.equal(await codes(call(there, 'GET', '/auth/me')), 'session-ended')
  assert.deepEqual(await issuersOf(browser), [ACCOUNTS, issuerOf('auth0')])
  assert.notEqual(await signInWith(plainBrowser(), 'keycloak', who), id, 'somebody new')

  // Two sessions by two identities, and no account: each unlinks what the other is signed in with, at once.
  const [one, two] = [plainBrowser(), plainBrowser()]
  const pair = nobody()
  const both = await signInWith(one, 'keycloak', pair)
  assert.equal(await link(one, 'auth0', pair), linked('auth0'))
  assert.equal(await signInWith(two, 'auth0', pair), both)
  const statuses = await Promise.all([unlink(one, issuerOf('auth0'), pair), unlink(two, issuerOf('keycloak'), pair)])
  assert.deepEqual(
    statuses.map(({ status }) => status).toSorted((a, b) => a - b),
    [204, 409],
  )
  const left = await Promise.all(NAMES.map((name) => signInWith(plainBrowser(), name, pair)))
  assert.equal(left.filter((each) => each === both).length, 1)
})

test('in the web app: link, see it, sign in with it, unlink', { skip, timeout: 300_000 }, async () => {
  await mkdir(SHOTS, { recursive: true })
  const { email } = await person()
  const who = nobody()
  await using browser = await startBrowser(browserPath!)
  const found: string[] = []
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, reducedMotion: 'reduce' })
  const page = await context.newPage()
  const late = await (
    await browser.newContext({ viewport: { width: 1400, height: 900 }, reducedMotion: 'reduce' })
  ).newPage()
  try {
    const complaints = complaintsOf(page)
    await page.goto(`${url}/profile`)
    await fillSignIn(page, { email, password: PASSWORD })
    const card = page.getByRole('region', { name: 'Ways to sign in' })
    await card.getByText('E-mail and password').waitFor()
    await card.getByRole('button', { name: 'Link keycloak' }).click()
    await page.getByLabel('Who').fill(who)
    await page.getByRole('button', { name: 'Continue' }).click()
    await card.getByText('You can now sign in with keycloak.').waitFor()
    await card.getByRole('button', { name: 'Unlink keycloak' }).waitFor()
    // The issuer of the test has no icon.
    complaints.length = 0
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const [size, viewport] of [
        ['wide', { width: 1400, height: 900 }],
        ['phone', { width: 390, height: 844 }],
      ] as const) {
        await page.emulateMedia({ colorScheme })
        await page.setViewportSize(viewport)
        await card.scrollIntoViewIfNeeded()
        for (const each of await violationsOf(page)) found.push(`${colorScheme}, ${size}: ${each}`)
        await page.screenshot({ path: join(SHOTS, `linked-${colorScheme}-${size}.png`) })
      }
    }
    await page.setViewportSize({ width: 1400, height: 900 })
    await card.getByRole('button', { name: 'Unlink keycloak' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Unlink' }).click()
    await card.getByRole('button', { name: 'Unlink keycloak' }).waitFor({ state: 'detached' })
    // Somebody of an issuer whose sign-in was a while ago proves it there anew, in a window beside the page.
    const pair = nobody()
    const meet = async (at: typeof page): Promise<void> => {
      await at.getByLabel('Who').fill(pair)
      await at.getByRole('button', { name: 'Continue' }).click()
    }
    await late.goto(`${url}/profile`)
    await late.getByRole('link', { name: 'Sign in with keycloak' }).click()
    await meet(late)
    await late.getByText(`${pair}@keycloak.example`).first().waitFor()
    await sql(`update sessions set auth_time = now() - interval '11 minutes' where subject = $1`, [pair])
    await sql(`select pg_notify('skycrate_users', user_id) from identities where subject = $1`, [pair])
    await late.getByRole('button', { name: 'Link auth0' }).click()
    const dialog = late.getByRole('dialog', { name: 'Confirm that it is you' })
    const again = dialog.getByRole('link', { name: 'Sign in again with keycloak' })
    await again.waitFor()
    for (const each of await violationsOf(late)) found.push(`dialog: ${each}`)
    await late.screenshot({ path: join(SHOTS, 'again.png') })
    const popup = late.waitForEvent('popup')
    await again.click()
    await meet(await popup)
    // What was asked for goes on: at the other issuer.
    await meet(late)
    await late.getByText('You can now sign in with auth0.').waitFor()

    await page.goto(`${url}/profile?problem=identity-taken`)
    await card.getByText('another user has this identity').waitFor()
    await page.screenshot({ path: join(SHOTS, 'taken.png') })
    assert.deepEqual(complaints, [])
    assert.deepEqual(found, [])
  } catch (error) {
    for (const [i, each] of browser
      .contexts()
      .flatMap((open) => open.pages())
      .entries()) {
      await each.screenshot({ path: join(SHOTS, `failed-${i}.png`) }).catch(() => undefined)
    }
    throw error
  }
})

test('no code, token or secret of a link is in the log', () => {
  for (const secret of [/eyJ[\w-]{20}/, /client secret/, /skyo_/, /skyb_/, /code=/]) {
    assert.doesNotMatch(system.log(), secret)
  }
})
