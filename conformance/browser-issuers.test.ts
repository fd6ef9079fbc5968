import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { signInAsAdmin } from './api.ts'
import { findBrowser, startBrowser } from './browser.ts'
import { freePort } from './free-port.ts'
import { SHAPES, startBrowserIssuer } from './issuers/browser-issuer.ts'
import { startSystem } from './system.ts'

const browserPath = findBrowser()
const skip = browserPath === undefined ? 'a browser: apt-get install --no-install-recommends chromium' : false
const NAMES = ['auth0', 'cognito', 'entra', 'keycloak'] as const

/** The browser comes to a page by a request, not by what its script shows. */
const arrivalAt = (page: Page, path: string): Promise<unknown> =>
  page.waitForResponse(
    (response) => response.request().isNavigationRequest() && new URL(response.url()).pathname === path,
  )

test('people sign in through several issuers in a browser', { skip, timeout: 300_000 }, async (t) => {
  await using started = new AsyncDisposableStack()
  const httpPort = await freePort()
  const publicUrl = `http://localhost:${httpPort}`
  const settings: object[] = []
  for (const name of NAMES) {
    const issuer = started.use(await startBrowserIssuer(SHAPES[name], { publicUrl }))
    const secret = issuer.secret === undefined ? {} : { clientSecret: issuer.secret }
    settings.push({ name, issuer: issuer.issuer, clientId: issuer.clientId, ...secret })
  }
  const system = started.use(await startSystem({ httpPort, env: { SKYCRATE_ISSUERS: JSON.stringify(settings) } }))
  const folder = await mkdtemp(join(tmpdir(), 'skycrate-issuers-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
  const browser = started.use(await startBrowser(browserPath!))
  const account = /^Account of/

  try {
    for (const name of NAMES) {
      await t.test(`by one shaped like ${name}, from a deep link and out again`, async () => {
        await using context = await browser.newContext({ viewport: { width: 1400, height: 900 } })
        const page = await context.newPage()
        await page.goto(`${publicUrl}/activity`)
        await page.getByRole('link', { name: `Sign in with ${name}` }).click()
        await page.getByRole('heading', { name: 'Sign in at the issuer' }).waitFor()
        await page.getByLabel('Who').fill('ada')
        await page.getByRole('button', { name: 'Continue' }).click()
        await page.getByRole('heading', { name: 'Activity' }).waitFor()
        const readable = await page.evaluate(() =>
          JSON.stringify([document.cookie, Object.entries(localStorage), Object.entries(sessionStorage)]),
        )
        assert.match(readable, /^\["skycrate-signed-in-\d+=1",\[\],\[\]\]$/)
        await page.getByRole('button', { name: account }).click()
        // Signed out there, too, where that is offered: it leads back here.
        const back = name === 'cognito' ? undefined : arrivalAt(page, '/sign-in')
        await page.getByRole('menuitem', { name: 'Sign out' }).click()
        await back
        await page.getByRole('link', { name: `Sign in with ${name}` }).waitFor()
        assert.equal(new URL(page.url()).origin, publicUrl)
        // The issuer asks again.
        await page.getByRole('link', { name: `Sign in with ${name}` }).click()
        if (name === 'cognito') await page.getByRole('button', { name: account }).waitFor()
        else await page.getByRole('heading', { name: 'Sign in at the issuer' }).waitFor()
      })
    }

    await t.test('what went wrong at the issuer is told on the sign-in page', async () => {
      await using context = await browser.newContext({ viewport: { width: 390, height: 844 } })
      const page = await context.newPage()
      await page.goto(`${publicUrl}/sign-in`)
      await page.getByRole('link', { name: 'Sign in with keycloak' }).click()
      await page.getByLabel('Who').fill('cancel')
      await page.getByRole('button', { name: 'Continue' }).click()
      await page.getByText('The sign-in was refused.').waitFor()
    })

    await t.test('a session that ended asks in a window of its own, and keeps what was chosen', async () => {
      await using context = await browser.newContext({ viewport: { width: 1400, height: 900 } })
      const page = await context.newPage()
      await page.goto(`${publicUrl}/files`)
      await page.getByRole('link', { name: 'Sign in with keycloak' }).click()
      await page.getByLabel('Who').fill('lin')
      await page.getByRole('button', { name: 'Continue' }).click()
      await page.getByText('Nothing here yet').waitFor()
      const admin = await signInAsAdmin(system)
      const found = (await admin.get('/users?search=lin')).json<{ users: { id: string }[] }>()
      assert.equal((await admin.delete(`/users/${found.users[0]!.id}/sessions`)).status, 204)
      await writeFile(join(folder, 'kept.txt'), 'kept')
      await page.getByLabel('Files to upload').setInputFiles(join(folder, 'kept.txt'))
      const dialog = page.getByRole('dialog', { name: 'Sign in again' })
      await dialog.waitFor()
      const popup = page.waitForEvent('popup')
      await dialog.getByRole('link', { name: 'Sign in with keycloak' }).click()
      // The issuer still knows who it is, so the window asks nothing and closes.
      await popup
      await dialog.waitFor({ state: 'detached' })
      await page.getByRole('table').getByText('kept.txt').waitFor()
    })
    await t.test(
      'straight to an issuer without a page between, once, and not after a sign-out or a mistake',
      async () => {
        const issuer = started.use(await startBrowserIssuer(SHAPES.plain, { publicUrl }))
        const admin = await signInAsAdmin(system)
        const direct = { name: 'plain', issuer: issuer.issuer, clientId: issuer.clientId, direct: true }
        assert.equal((await admin.post('/issuers', direct)).status, 201)
        await using context = await browser.newContext({ viewport: { width: 1400, height: 900 } })
        const page = await context.newPage()
        const atIssuer = page.getByRole('heading', { name: 'Sign in at the issuer' })
        const byPlain = page.getByRole('link', { name: 'Sign in with plain' })
        // The page may be left before it has loaded.
        const open = () => page.goto(`${publicUrl}/activity`, { waitUntil: 'commit' })
        await open()
        await atIssuer.waitFor()
        // Whoever comes back without a session chooses.
        await open()
        await byPlain.click()
        await page.getByLabel('Who').fill('cancel')
        await page.getByRole('button', { name: 'Continue' }).click()
        await page.getByText('The sign-in was refused.').waitFor()
        await byPlain.waitFor()
        await page.evaluate(() => sessionStorage.clear())
        await open()
        await page.getByLabel('Who').fill('grace')
        await page.getByRole('button', { name: 'Continue' }).click()
        await page.getByRole('heading', { name: 'Activity' }).waitFor()
        await page.evaluate(() => sessionStorage.clear())
        await page.getByRole('button', { name: account }).click()
        const back = arrivalAt(page, '/sign-in')
        await page.getByRole('menuitem', { name: 'Sign out' }).click()
        await back
        await byPlain.waitFor()
        assert.equal(new URL(page.url()).pathname, '/sign-in')
        // A session that has ended leads there again as the app is opened, and one that nobody keeps leads nowhere in circles.
        await open()
        await atIssuer.waitFor()
        await page.getByLabel('Who').fill('grace')
        await page.getByRole('button', { name: 'Continue' }).click()
        await page.getByRole('heading', { name: 'Activity' }).waitFor()
        const [me] = (await admin.get('/users?search=grace')).json<{ users: { id: string }[] }>().users
        assert.equal((await admin.delete(`/users/${me!.id}/sessions`)).status, 204)
        await page.evaluate(() => sessionStorage.clear())
        await open()
        // The issuer still knows who it is.
        await page.getByRole('heading', { name: 'Activity' }).waitFor()
        assert.equal((await admin.delete(`/users/${me!.id}/sessions`)).status, 204)
        await open()
        await byPlain.waitFor()
        // Where two say so, nobody knows which.
        const other = { name: 'other', issuer: 'https://other.example/', clientId: 'web', direct: true }
        assert.equal((await admin.post('/issuers', other)).status, 201)
        await page.evaluate(() => sessionStorage.clear())
        await open()
        await page.getByRole('link', { name: 'Sign in with other' }).waitFor()
      },
    )
  } catch (error) {
    for (const page of browser.contexts().flatMap((context) => context.pages())) {
      await page.screenshot({ path: '/tmp/skycrate-issuers.png' }).catch(() => undefined)
    }
    throw error
  }
})
