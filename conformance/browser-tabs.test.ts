import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { signInAsAdmin } from './api.ts'
import { findBrowser, startBrowser } from './browser.ts'
import { fillSignIn, signIn } from './browser-steps.ts'
import { startSystem } from './system.ts'

const browserPath = findBrowser()
const skip = browserPath === undefined ? 'a browser: apt-get install --no-install-recommends chromium' : false
const OTHER = { email: 'grace@example.com', password: 'seven brave turnips' }

test('several tabs share one session', { skip, timeout: 240_000 }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'skycrate-tabs-'))
  await using system = await startSystem()
  const api = await signInAsAdmin(system)
  assert.equal((await api.post('/users', OTHER)).status, 201)
  await using browser = await startBrowser(browserPath!)
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 } })
  const [one, two] = [await context.newPage(), await context.newPage()]
  const account = /^Account of/
  const again = two.getByRole('dialog', { name: 'Sign in again' })
  const signOut = async (page: typeof one): Promise<void> => {
    await page.getByRole('button', { name: account }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
  }

  try {
    await two.goto(`${system.url}/activity`)
    await two.getByRole('heading', { name: 'Sign in' }).waitFor()

    await t.test('who signs in in one is signed in in the other, and comes to where they wanted to go', async () => {
      await signIn(one, system)
      await two.getByRole('heading', { name: 'Activity' }).waitFor()
    })

    await t.test('a sign-out in one stops the other, and keeps what was chosen there', async () => {
      await two.getByRole('link', { name: 'Your files' }).click()
      await two.getByText('Nothing here yet').waitFor()
      await signOut(one)
      await one.getByRole('heading', { name: 'Sign in' }).waitFor()
      await again.waitFor()
      await writeFile(join(folder, 'kept.txt'), 'kept')
      await two.getByLabel('Files to upload').setInputFiles(join(folder, 'kept.txt'))
      // The same person in the first tab: the second goes on.
      await fillSignIn(one, system.admin)
      await one.getByRole('button', { name: account }).waitFor()
      await again.waitFor({ state: 'detached' })
      await two.getByRole('table').getByText('kept.txt').waitFor()
    })

    await t.test('somebody else in one tab is somebody else in all, with nothing of the person before', async () => {
      await signOut(one)
      await again.waitFor()
      await one.getByRole('heading', { name: 'Sign in' }).waitFor()
      await fillSignIn(one, OTHER)
      await one.getByRole('button', { name: account }).waitFor()
      await again.waitFor({ state: 'detached' })
      await two.getByRole('button', { name: account }).getByText(OTHER.email).waitFor()
      assert.equal(await two.getByText('kept.txt').count(), 0)
    })

    await t.test('a sign-out that does not reach the server is told, since the session goes on', async () => {
      await system.stop()
      await signOut(one)
      await one.getByText(/You are still signed in/).waitFor()
      await system.restart()
    })
  } catch (error) {
    await two.screenshot({ path: '/tmp/skycrate-tabs.png' }).catch(() => undefined)
    throw error
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
