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
const SHOTS = process.env['SKYCRATE_TEST_SHOTS'] ?? join(tmpdir(), 'skycrate-shots-quotas')

test(
  'an administrator sets a quota, a person sees theirs, and what does not fit is not uploaded',
  { skip, timeout: 180_000 },
  async () => {
    mkdirSync(SHOTS, { recursive: true })
    await using system = await startSystem()
    await using browser = await startBrowser(browserPath!)
    const api = await signInAsAdmin(system)
    const { bucket } = await home(api)
    await upload(api, bucket, 'early.txt', 'x'.repeat(600_000))
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 }, reducedMotion: 'reduce' })
    page.setDefaultTimeout(60_000)
    const complaints = complaintsOf(page)
    const look = async (name: string): Promise<void> => {
      assert.deepEqual(await violationsOf(page), [], name)
      await page.screenshot({ path: join(SHOTS, `${name}.png`) })
    }
    await signIn(page, system, '/admin/users')
    const open = async (): Promise<void> => {
      await page.getByRole('button', { name: /^Actions for/ }).click()
      await page.getByRole('menuitem', { name: 'Quota…' }).click()
    }
    await open()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.getByText('Enter at least one of them').waitFor()
    await dialog.getByLabel('Gigabytes at most').fill('0.001')
    await dialog.getByLabel('Files at most').fill('10')
    await look('quota-dialog')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.getByText(/^The quota of .* is set$/).waitFor()

    await page.goto(`${system.url}/profile`)
    await page.getByRole('region', { name: 'Storage' }).getByText('of 1.0 MB').waitFor()
    await page.getByRole('region', { name: 'Storage' }).scrollIntoViewIfNeeded()
    await look('quota-profile')
    assert.deepEqual(complaints, [])

    await page.goto(`${system.url}/files`)
    await page.getByText('early.txt').waitFor()
    const buffer = Buffer.alloc(500_000, 'y')
    const file = { name: 'late.txt', mimeType: 'text/plain', buffer }
    const sent: string[] = []
    page.on('request', (request) => {
      if (request.method() === 'PUT') sent.push(new URL(request.url()).pathname.split('/').at(-1) ?? '')
    })
    const small = { name: 'small.txt', mimeType: 'text/plain', buffer: Buffer.from('fits') }
    await page.locator('input[type=file]').first().setInputFiles([file, small])
    const line = page.getByRole('region', { name: 'Uploads' }).getByRole('listitem', { name: 'late.txt' })
    await line.getByText(/The quota of this home is 1,000,000 bytes/).waitFor()
    await page.getByText('1 failed, 1 uploaded').waitFor()
    assert.deepEqual(sent, ['small.txt'], 'what does not fit is not sent')
    await look('quota-exceeded')

    await page.goto(`${system.url}/admin/users`)
    await open()
    await dialog.getByRole('button', { name: 'Delete the quota' }).click()
    await page.getByText(/has no quota any more$/).waitFor()

    await page.goto(`${system.url}/admin/groups`)
    await page.getByRole('button', { name: 'Quota for everyone' }).click()
    await dialog.getByText('In the home of each user without a quota of their own.', { exact: false }).waitFor()
    await dialog.getByLabel('Files at most').fill('1000')
    await look('quota-of-everyone')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await page.getByText('The quota of every user is set').waitFor()
    assert.equal(
      (await api.get('/quotas/user/everyone')).json<{ quota: { maxObjects: number } }>().quota.maxObjects,
      1000,
    )
  },
)
