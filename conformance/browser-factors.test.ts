import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { Secret, TOTP } from 'otpauth'
import { Client } from 'pg'
import type { Browser, Page } from 'playwright-core'
import { violationsOf } from './axe.ts'
import { type Api, signInAsAdmin } from './api.ts'
import { findBrowser, startBrowser } from './browser.ts'
import { complaintsOf, fillSignIn } from './browser-steps.ts'
import { startPostgres } from './engines/postgres.ts'
import { startSystem, type System } from './system.ts'

const browserPath = findBrowser()
const skip = browserPath === undefined ? 'a browser: apt-get install --no-install-recommends chromium' : false
const PASSWORD = 'correct horse battery staple'

let system: System
let browser: Browser
let admin: Api
/** Passkeys are of a host name: an address has none. */
let url: string

before(async () => {
  if (skip !== false) return
  system = await startSystem()
  url = system.url.replace('127.0.0.1', 'localhost')
  admin = await signInAsAdmin(system)
  browser = await startBrowser(browserPath!)
})
after(async () => {
  await browser?.close()
  await system?.[Symbol.asyncDispose]()
})

async function createPerson(email: string, groups: readonly string[] = []) {
  const answer = await admin.post('/users', { email, password: PASSWORD, groups })
  assert.equal(answer.status, 201, answer.text)
  return { email, password: PASSWORD }
}

async function open(path: string, at = url): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, reducedMotion: 'reduce' })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  await page.goto(at + path)
  return page
}

const isIn = (page: Page) => page.getByRole('button', { name: /^Account of/ }).waitFor()

async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Account of/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
}

const codeOf = (secret: string, steps: number): string =>
  TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: Date.now() + steps * 30_000 })

/** At the dialog that shows the key. @returns the key, and the recovery codes */
async function setUpApp(page: Page): Promise<{ readonly secret: string; readonly codes: readonly string[] }> {
  await page.getByRole('button', { name: 'Set up an app' }).click()
  await page.getByRole('img', { name: 'QR code for the authenticator app' }).waitFor()
  const href = (await page.getByRole('link', { name: 'open the app on this device' }).getAttribute('href')) ?? ''
  const secret = new URL(href).searchParams.get('secret') ?? ''
  await page.getByLabel('Code', { exact: true }).fill(codeOf(secret, 0))
  await page.getByRole('button', { name: 'Set up', exact: true }).click()
  await page.getByRole('button', { name: 'I have kept them' }).waitFor()
  const codes = await page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').allTextContents()
  return { secret, codes }
}

async function look(page: Page): Promise<void> {
  assert.deepEqual(await violationsOf(page), [])
}

test(
  'an authenticator app is set up with its QR code, and then asked for; a recovery code stands in',
  { skip },
  async () => {
    const person = await createPerson('app@example.com')
    const page = await open('/profile')
    const complaints = complaintsOf(page)
    await fillSignIn(page, person)
    await look(page)
    await page.getByRole('button', { name: 'Set up an app' }).click()
    await page.getByRole('img', { name: 'QR code for the authenticator app' }).waitFor()
    await look(page)
    await page.getByRole('button', { name: 'Cancel' }).click()
    const { secret, codes } = await setUpApp(page)
    assert.equal(codes.length, 10)
    await look(page)
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download' }).click()
    const file = await readFile(await (await download).path(), 'utf8')
    for (const code of codes) assert.ok(file.includes(code))
    await page.getByRole('button', { name: 'I have kept them' }).click()
    await page.getByText('10 left').waitFor()

    await signOut(page)
    await fillSignIn(page, person)
    await page.getByLabel('Code', { exact: true }).fill('000000')
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByText('The code is incorrect').waitFor()
    await look(page)
    await page.getByLabel('Code', { exact: true }).fill(codeOf(secret, 1))
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await isIn(page)

    await signOut(page)
    await fillSignIn(page, person)
    await page.getByRole('button', { name: 'Use a recovery code' }).click()
    await page.getByLabel('Recovery code').fill(codes[0]!)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await isIn(page)
    await page.goto(`${url}/profile`)
    await page.getByText('9 left').waitFor()
    assert.deepEqual(
      complaints.filter((each) => !each.includes('401')),
      [],
    )
    await page.context().close()
  },
)

test('a passkey is added, signs in alone and after the password, and is deleted', { skip }, async () => {
  const person = await createPerson('key@example.com')
  const page = await open('/profile')
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  await fillSignIn(page, person)
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await page.getByLabel('Name', { exact: true }).fill('Laptop')
  await look(page)
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('button', { name: 'I have kept them' }).click()
  await page.getByText('Passkey: Laptop').waitFor()
  await page.getByText('Not used yet').waitFor()
  await look(page)

  await signOut(page)
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await isIn(page)

  await signOut(page)
  await fillSignIn(page, person)
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await isIn(page)
  await page.goto(`${url}/profile`)
  await page.getByText(/^Last used/).waitFor()
  await page.getByRole('button', { name: 'Actions for Laptop' }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await page.getByText('Passkey: Laptop').waitFor({ state: 'detached' })

  await signOut(page)
  await fillSignIn(page, person)
  await isIn(page)
  await page.context().close()
})

test('a change after ten minutes asks who it is, and is done once that is proven', { skip }, async () => {
  await using postgres = await startPostgres()
  await using aged = await startSystem({ env: { DATABASE_URL: postgres.url() } })
  const page = await open('/profile', aged.url)
  await fillSignIn(page, aged.admin)
  await page.getByText('Not set up').waitFor()
  const client = new Client({ connectionString: postgres.url() })
  await client.connect()
  await client.query(`update sessions set auth_time = now() - interval '11 minutes'`)
  await client.query(`select pg_notify('skycrate_users', '*')`)
  await client.end()
  await page.getByRole('button', { name: 'Set up an app' }).click()
  const dialog = page.getByRole('dialog', { name: 'Confirm that it is you' })
  await dialog.waitFor()
  await look(page)
  await dialog.getByLabel('Password').fill('wrong')
  await dialog.getByRole('button', { name: 'Confirm' }).click()
  await dialog.getByText('The password is wrong.').waitFor()
  await dialog.getByLabel('Password').fill(aged.admin.password)
  await dialog.getByRole('button', { name: 'Confirm' }).click()
  await page.getByRole('img', { name: 'QR code for the authenticator app' }).waitFor()
  await page.context().close()
})

test('a member of a group that requires a second factor sets one up before anything else', { skip }, async () => {
  const page = await open('/admin/groups')
  await fillSignIn(page, system.admin)
  await page.getByRole('button', { name: 'New group' }).first().click()
  await page.getByLabel('Name', { exact: true }).fill('careful')
  await page.getByLabel('Require a second factor').check()
  await look(page)
  await page.getByRole('button', { name: 'Create', exact: true }).click()
  await page.getByText('careful').first().waitFor()
  await page.context().close()

  const person = await createPerson('member@example.com', ['careful'])
  const theirs = await open('/profile')
  await fillSignIn(theirs, person)
  await theirs.getByRole('heading', { name: 'A second factor is required' }).waitFor()
  assert.equal(await theirs.getByRole('link', { name: 'Your files' }).count(), 0)
  await look(theirs)
  await setUpApp(theirs)
  await theirs.getByRole('button', { name: 'I have kept them' }).click()
  await theirs.getByRole('button', { name: 'Continue' }).click()
  await theirs.getByRole('link', { name: 'Your files' }).first().waitFor()
  await theirs.getByRole('heading', { name: 'Profile' }).waitFor()
  await theirs.context().close()
})
