import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { apiOf, signInAsAdmin } from './api.ts'
import { findBrowser, startBrowser } from './browser.ts'
import { signIn } from './browser-steps.ts'
import { request } from './http.ts'
import { startSystem, type System } from './system.ts'

const browserPath = findBrowser()
const skip = browserPath === undefined ? 'a browser: apt-get install --no-install-recommends chromium' : false

let system: System
let browser: Browser
let page: Page

before(async () => {
  if (skip) return
  system = await startSystem()
  browser = await startBrowser(browserPath!)
  page = await browser.newPage({ viewport: { width: 1400, height: 900 }, reducedMotion: 'reduce' })
  await signIn(page, system, '/profile')
})
after(async () => {
  await browser?.close()
  await system?.[Symbol.asyncDispose]()
})

test('a person creates an access token, sees it once, and deletes it', { skip, timeout: 120_000 }, async () => {
  await page.getByRole('button', { name: 'New token' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Create' }).click()
  await dialog.getByText('Say what it is for.').waitFor()
  await dialog.getByLabel('What is it for?').fill('Nightly backup')
  await dialog.getByRole('button', { name: 'Create' }).click()
  const token = await page.getByText(/^skyp_/).innerText()
  assert.equal((await apiOf(system.url, token).get('/auth/me')).status, 200)
  await page.getByRole('button', { name: 'Done' }).click()
  await page.getByText(/Everywhere: read, list/).waitFor()
  await page.reload()
  await page.getByText('Nightly backup').waitFor()
  assert.equal(await page.getByText(token).count(), 0)
  await page.getByRole('button', { name: 'Delete Nightly backup' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await page.getByText('For scripts and tools').waitFor()
  assert.equal((await apiOf(system.url, token).get('/auth/me')).status, 401)
})

test('a person ends another session of theirs, and stays signed in here', { skip, timeout: 120_000 }, async () => {
  const elsewhere = await signInAsAdmin(system)
  await page.reload()
  await page.getByText('This session').waitFor()
  await page.getByRole('button', { name: /^End the session of Unknown program/ }).click()
  await page.getByRole('button', { name: 'End session' }).click()
  await page.getByText('The session has ended').waitFor()
  assert.equal((await elsewhere.get('/auth/me')).status, 401)
  await page.reload()
  await page.getByText('This session').waitFor()
})

test(
  'a person signs in a program by its code, sees who asks first, and ends its session',
  { skip, timeout: 120_000 },
  async () => {
    const anybody = apiOf(system.url, undefined)
    const form = (path: string, fields: Record<string, string>) =>
      request(`${system.url}/api/v1${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': 'backup/1.0' },
        body: new URLSearchParams(fields).toString(),
      })
    const started = await form('/auth/device', { client_id: 'backup', scope: 'ignored' })
    assert.equal(started.status, 200, started.text)
    const { device_code, user_code, verification_uri_complete } = started.json<Record<string, string>>()
    const grant_type = 'urn:ietf:params:oauth:grant-type:device_code'
    const asked = await form('/auth/device/token', { grant_type, device_code: device_code! })
    assert.deepEqual([asked.status, asked.json<{ error: string }>().error], [400, 'authorization_pending'])
    assert.match(String(asked.headers['content-type']), /^application\/json/)

    await page.goto(
      `${system.url}${new URL(verification_uri_complete!).pathname}${new URL(verification_uri_complete!).search}`,
    )
    assert.equal(await page.getByLabel('Code').inputValue(), user_code)
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText('backup/1.0').waitFor()
    await page.getByText(/only if you started this yourself/).waitFor()
    await page.getByRole('button', { name: 'Allow' }).click()
    await page.getByText('The device is signed in').waitFor()
    await new Promise((resolve) => setTimeout(resolve, 5_100))
    const given = await anybody.post('/auth/device/token', { grant_type, device_code })
    assert.equal(given.status, 200, given.text)
    const program = apiOf(system.url, given.json<{ access_token: string }>().access_token)
    assert.equal((await program.get('/auth/me')).status, 200)
    const used = await anybody.post('/auth/device/token', { grant_type, device_code })
    assert.deepEqual([used.status, used.json<{ error: string }>().error], [400, 'invalid_grant'])

    await page.goto(`${system.url}/profile`)
    await page
      .getByRole('button', { name: /^End the session of/ })
      .first()
      .click()
    await page.getByRole('button', { name: 'End session' }).click()
    await page.getByText('The session has ended').waitFor()
    assert.equal((await program.get('/auth/me')).status, 401)
  },
)

test("an administrator sees and deletes somebody's access tokens", { skip, timeout: 120_000 }, async () => {
  const admin = await signInAsAdmin(system)
  const login = { email: 'ada@example.org', password: 'seven brave turnips' }
  await admin.post('/users', { ...login, name: 'Ada' })
  const tokens = await apiOf(system.url, undefined).post('/auth/login', login)
  const ada = apiOf(system.url, tokens.json<{ access_token: string }>().access_token)
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
  const made = await ada.post('/auth/tokens', { name: 'Robot', scopes: [{ actions: ['read'] }], expiresAt })
  await page.goto(`${system.url}/admin/users`)
  await page.getByRole('button', { name: 'Actions for Ada' }).click()
  await page.getByRole('menuitem', { name: 'Access tokens' }).click()
  await page.getByRole('button', { name: 'Delete Robot' }).click()
  await page.getByRole('dialog', { name: 'Delete Robot?' }).getByRole('button', { name: 'Delete' }).click()
  await page.getByText('There are none.').waitFor()
  assert.equal((await apiOf(system.url, made.json<{ token: string }>().token).get('/auth/me')).status, 401)
})

test(
  'an administrator creates a machine, sees its secret once, and ends what was got with it',
  { skip, timeout: 120_000 },
  async () => {
    await page.goto(`${system.url}/admin/machines`)
    await page.getByRole('button', { name: 'New machine' }).click()
    await page.getByLabel('What is it for?').fill('Importer')
    await page.getByRole('button', { name: 'Create' }).click()
    const client_secret = await page.getByText(/^skyc_/).innerText()
    const client_id = await page.getByRole('dialog').getByText(/^usr_/).innerText()
    await page.getByRole('button', { name: 'Done' }).click()
    const wish = { grant_type: 'client_credentials', client_id, client_secret }
    const given = await apiOf(system.url, undefined).post('/auth/token', wish)
    assert.equal(given.status, 200, given.text)
    const machine = apiOf(system.url, given.json<{ access_token: string }>().access_token)
    assert.equal((await machine.get('/auth/me')).status, 200)
    assert.equal((await machine.get('/home')).status, 403)
    await page.getByRole('button', { name: /^Delete the secret of .* of Importer/ }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByText('The secret was deleted').waitFor()
    assert.equal((await machine.get('/auth/me')).status, 401)
  },
)
