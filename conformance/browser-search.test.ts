import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { signInAsAdmin } from './api.ts'
import { violationsOf } from './axe.ts'
import { findBrowser, startBrowser } from './browser.ts'
import { complaintsOf, signIn } from './browser-steps.ts'
import { home, upload } from './client-steps.ts'
import { startSystem } from './system.ts'

const browserPath = findBrowser()
const skip = browserPath === undefined ? 'a browser: apt-get install --no-install-recommends chromium' : false
const SHOTS = process.env['SKYCRATE_TEST_SHOTS'] ?? join(tmpdir(), 'skycrate-shots-search')
const HOSTILE = '<img src=x onerror=alert(1)> plan.txt'

test('a slash opens the search, and Enter the folder of what was found', { skip, timeout: 180_000 }, async () => {
  mkdirSync(SHOTS, { recursive: true })
  await using system = await startSystem()
  await using browser = await startBrowser(browserPath!)
  const api = await signInAsAdmin(system)
  const { bucket } = await home(api)
  for (const key of ['deep/er/Annual plan.pdf', `deep/${HOSTILE}`, 'other.txt', 'planets/mars.txt']) {
    await upload(api, bucket, key, key)
  }
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } })
  page.setDefaultTimeout(60_000)
  const complaints = complaintsOf(page)
  await signIn(page, system)
  const dialog = page.getByRole('dialog', { name: 'Search files' })
  const field = dialog.getByRole('combobox', { name: 'Search names' })
  const options = dialog.getByRole('option')
  const names = async (): Promise<string[]> =>
    (await options.allInnerTexts()).map((text) => text.split('\n', 1)[0] ?? '').toSorted()

  await page.getByRole('table', { name: 'Files in Your files' }).getByRole('link', { name: 'deep' }).focus()
  await page.keyboard.press('/')
  await field.fill('plan')
  // The first search has everything listed; the results come by themselves.
  await options.nth(2).waitFor()
  assert.deepEqual(await names(), [HOSTILE, 'Annual plan.pdf', 'planets'].toSorted())
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.screenshot({ path: join(SHOTS, `search-${colorScheme}.png`) })
    assert.deepEqual(await violationsOf(page), [], colorScheme)
  }
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await page.waitForFunction(() => document.activeElement?.textContent === 'deep', undefined, { timeout: 30_000 })

  await page.keyboard.press('/')
  await field.fill('annual')
  await options.filter({ hasText: 'Annual plan.pdf' }).waitFor()
  await page.waitForFunction(() => document.querySelectorAll('[role="option"]').length === 1)
  await page.keyboard.press('Enter')
  await page.getByRole('table', { name: 'Files in er' }).getByText('Annual plan.pdf').waitFor()

  await page.setViewportSize({ width: 390, height: 844 })
  await page.getByRole('button', { name: 'Search files' }).click()
  await field.fill('nothing of the kind')
  await dialog.getByText('Nothing found where you may look.').waitFor()
  await page.screenshot({ path: join(SHOTS, 'search-phone.png') })
  assert.deepEqual(await violationsOf(page), [])
  assert.deepEqual(complaints, [])
})
