import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { type Api, signInAsAdmin } from './api.ts'
import { violationsOf } from './axe.ts'
import { findBrowser, startBrowser } from './browser.ts'
import { complaintsOf, signIn } from './browser-steps.ts'
import { download, home, list, upload } from './client-steps.ts'
import { poll } from './poll.ts'
import { startSystem, type System } from './system.ts'

const browserPath = findBrowser()
const skip = browserPath === undefined ? 'a browser: apt-get install --no-install-recommends chromium' : false
const SHOTS = process.env['SKYCRATE_TEST_SHOTS'] ?? join(tmpdir(), 'skycrate-shots-shares')
const WITHIN_MS = 60_000

let system: System
let browser: Browser
let api: Api
let bucket: string
let owner: Page

before(async () => {
  if (skip) return
  mkdirSync(SHOTS, { recursive: true })
  system = await startSystem()
  browser = await startBrowser(browserPath!)
  api = await signInAsAdmin(system)
  ;({ bucket } = await home(api))
  for (const key of ['photos/1.txt', 'photos/deep/2.txt', 'inbox/known.txt', 'top <b>&.txt']) {
    await upload(api, bucket, key, `bytes of ${key}`)
  }
  owner = await newPage({})
  await signIn(owner, system)
})
after(async () => {
  await browser?.close()
  await system?.[Symbol.asyncDispose]()
})

async function newPage(options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1400, height: 900 },
    reducedMotion: 'reduce',
    ...options,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(WITHIN_MS)
  return page
}

/** In a browser of its own, without an account. */
const stranger = (): Promise<Page> => newPage({ viewport: { width: 390, height: 844 }, colorScheme: 'dark' })

async function look(page: Page, name: string): Promise<void> {
  assert.deepEqual(await violationsOf(page), [], name)
  await page.screenshot({ path: join(SHOTS, `${name}.png`) })
}

/** Opens the dialog of an entry. */
async function share(name: string): Promise<void> {
  await owner.goto(`${system.url}/files`)
  await owner.getByRole('button', { name: `Actions for ${name}`, exact: true }).click()
  await owner.getByRole('menuitem', { name: 'Share' }).click()
  await owner.getByRole('dialog', { name: `Share ${name}` }).waitFor()
}

async function createdLink(): Promise<string> {
  const dialog = owner.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Create link' }).click()
  return dialog.getByText(/\/s\/skys_/).innerText()
}

/** The public URL names another host than the test's. */
const pathOf = (url: string): string => system.url + new URL(url).pathname

async function downloaded(page: Page, press: () => Promise<void>): Promise<string> {
  const [file] = await Promise.all([page.waitForEvent('download'), press()])
  return `${file.suggestedFilename()}: ${await readFile(await file.path(), 'utf8')}`
}

test(
  'a person shares a file with a password, a stranger downloads it, and the link is switched off',
  { skip, timeout: 180_000 },
  async () => {
    const complaints = complaintsOf(owner)
    await share('top <b>&.txt')
    const dialog = owner.getByRole('dialog')
    await dialog.getByLabel('Password (optional)').fill('abc')
    await dialog.getByLabel('Downloads at most (optional)').fill('none')
    await dialog.getByRole('button', { name: 'Create link' }).click()
    await dialog.getByText('Enter at least 4 characters').waitFor()
    await dialog.getByText('Enter a number from 1 to 99,999').waitFor()
    await dialog.getByLabel('Password (optional)').fill('open sesame')
    await dialog.getByLabel('Downloads at most (optional)').fill('3')
    await look(owner, 'share-dialog')
    const url = await createdLink()
    await look(owner, 'share-created')
    await owner.getByRole('button', { name: 'Done' }).click()

    const page = await stranger()
    const strange = complaintsOf(page)
    const answer = await page.goto(pathOf(url))
    const policy = String(answer?.headers()['content-security-policy'])
    assert.match(policy, /default-src 'none'/)
    assert.match(policy, /script-src 'self'(;|$)/)
    await page.getByRole('heading', { name: 'This link has a password' }).waitFor()
    await look(page, 'shared-password')
    await page.getByLabel('Password').fill('open sesame')
    await page.getByRole('button', { name: 'Open' }).click()
    await page.getByRole('heading', { name: 'top <b>&.txt' }).waitFor()
    await look(page, 'shared-file')
    const press = () => page.getByRole('button', { name: 'Download' }).click()
    assert.match(await downloaded(page, press), /^top .*\.txt: bytes of top <b>&\.txt$/)

    await owner.goto(`${system.url}/shares`)
    await owner.getByText('1 of 3 downloads').waitFor()
    await look(owner, 'shares')
    await owner.getByRole('button', { name: 'Actions for top <b>&.txt' }).click()
    await owner.getByRole('menuitem', { name: 'Switch off…' }).click()
    await owner.getByRole('dialog').getByRole('button', { name: 'Switch off' }).click()
    await owner.getByText('Switched off', { exact: true }).waitFor()
    await press()
    await page.getByText('This link does not work. It may have ended').waitFor()
    assert.deepEqual(complaints, [])
    assert.deepEqual(
      strange.filter((each) => !each.includes('404')),
      [],
    )
    await page.reload()
    await page.getByRole('heading', { name: 'This link does not work' }).waitFor()
    await look(page, 'shared-gone')
    await page.context().close()
  },
)

test('a stranger walks through a shared folder and downloads from it', { skip, timeout: 120_000 }, async () => {
  await share('photos')
  const url = await createdLink()
  const page = await stranger()
  await page.goto(pathOf(url))
  const files = page.getByRole('list', { name: 'Files' })
  await files.getByText('1.txt').waitFor()
  await look(page, 'shared-folder')
  await files.getByRole('button', { name: 'deep' }).click()
  await files.getByText('2.txt').waitFor()
  const press = () => page.getByRole('button', { name: 'Download 2.txt' }).click()
  assert.equal(await downloaded(page, press), '2.txt: bytes of photos/deep/2.txt')
  await page.getByRole('button', { name: 'photos' }).click()
  await files.getByText('1.txt').waitFor()
  await page.context().close()
})

test(
  'a stranger uploads into a drop box, sees nothing of it, and replaces nothing',
  { skip, timeout: 180_000 },
  async () => {
    await share('inbox')
    const dialog = owner.getByRole('dialog')
    await dialog.getByLabel('Whoever has the link can').click()
    await owner.getByRole('option', { name: 'Upload files, and see nothing' }).click()
    await look(owner, 'share-drop-box')
    const url = await createdLink()
    const page = await stranger()
    const complaints = complaintsOf(page)
    await page.goto(pathOf(url))
    await page.getByRole('heading', { name: 'Upload to inbox' }).waitFor()
    assert.equal(await page.getByText('known.txt').count(), 0)
    const mine = { name: 'known.txt', mimeType: 'text/plain', buffer: Buffer.from('from a stranger') }
    await page.locator('input[type=file]').setInputFiles([mine, { ...mine, name: 'Zürich 100 %.txt' }])
    await page.getByText('Uploaded').nth(1).waitFor()
    await look(page, 'drop-box')
    assert.deepEqual(complaints, [])
    const keys = (await list(api, bucket, { prefix: 'inbox/' })).objects.map(({ key }) => key)
    assert.equal(keys.length, 3)
    assert.equal((await download(api, bucket, 'inbox/known.txt')).toString(), 'bytes of inbox/known.txt')
    const theirs = keys.find((key) => /^inbox\/known \([0-9a-f]{10}\)\.txt$/.test(key))
    assert.equal((await download(api, bucket, theirs!)).toString(), 'from a stranger')
    await page.context().close()
  },
)

test('an administrator sees all links and switches sharing off and on', { skip, timeout: 120_000 }, async () => {
  await owner.goto(`${system.url}/admin/shares`)
  await owner.getByText('Drop box: inbox').waitFor()
  await owner.getByRole('button', { name: 'Switch sharing off' }).click()
  await owner.getByRole('dialog').getByRole('button', { name: 'Switch off' }).click()
  await owner.getByText('Sharing is switched off.').waitFor()
  await look(owner, 'all-shares-off')
  await owner.getByRole('button', { name: 'Switch sharing on' }).click()
  await owner.getByRole('dialog').getByRole('button', { name: 'Switch on' }).click()
  await poll('sharing is on', WITHIN_MS, async () => (await owner.getByText('Sharing is switched off.').count()) === 0)
})
