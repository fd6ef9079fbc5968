import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Locator, Page } from 'playwright-core'
import { findBrowser, startBrowser } from './browser.ts'
import { startSystem } from './system.ts'

const SHOTS = fileURLToPath(new URL('../artifacts/browser-flow/', import.meta.url))

const FILE = 'Holiday – été (1).bin'
const SIZE = 3_000_000
/** Bytes a second, while the upload's progress is watched. */
const SLOW = 1_500_000

const browserPath = findBrowser()
const skip = browserPath === undefined ? 'a browser: apt-get install --no-install-recommends chromium' : false

test(
  'in a browser: sign in, drop a file, watch it, download it, delete it; the audit log tells of just that',
  {
    skip,
    timeout: 120_000,
  },
  async () => {
    await mkdir(SHOTS, { recursive: true })
    const folder = await mkdtemp(join(tmpdir(), 'skycrate-browser-'))
    await using system = await startSystem()
    await using browser = await startBrowser(browserPath!)
    const bytes = randomBytes(SIZE)
    const path = join(folder, FILE)
    await writeFile(path, bytes)

    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, acceptDownloads: true })
    const complaints: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(String(error)))
    const asked: { readonly method: string; readonly origin: string; readonly path: string }[] = []
    page.on('request', (request) => {
      const { origin, pathname } = new URL(request.url())
      asked.push({ method: request.method(), origin, path: decodeURIComponent(pathname) })
    })
    let shots = 0
    const shot = (name: string): Promise<Buffer> =>
      page.screenshot({ path: join(SHOTS, `${String((shots += 1)).padStart(2, '0')}-${name}.png`) })

    try {
      await page.goto(system.url)
      await page.getByRole('heading', { name: 'Sign in' }).waitFor()
      await shot('sign-in')
      await page.getByLabel('E-mail').fill(system.admin.email)
      await page.getByLabel('Password').fill(system.admin.password)
      await page.getByRole('button', { name: 'Sign in' }).click()

      await page.getByRole('heading', { name: 'Your files' }).waitFor()
      await page.getByText('Nothing here yet').waitFor()
      await shot('empty')

      await limitUploads(page, SLOW)
      await dragFileOver(page, path)
      await page.getByText('Drop to upload to Your files').waitFor()
      await shot('dragging')
      await dropFile(page, path)
      const uploads = page.getByRole('region', { name: 'Uploads' })
      await untilHalfway(uploads.getByRole('progressbar', { name: `Progress of ${FILE}` }))
      await shot('uploading')
      await limitUploads(page, -1)
      await uploads.getByText('1 uploaded').waitFor()

      const row = page.getByRole('table', { name: 'Files in Your files' }).getByRole('row').filter({ hasText: FILE })
      await row.waitFor()
      await row.getByRole('cell', { name: '3.0 MB', exact: true }).waitFor()
      await shot('listed')
      await uploads.getByRole('button', { name: 'Close uploads' }).click()

      const [download] = await Promise.all([
        page.waitForEvent('download'),
        row.getByRole('button', { name: `Download ${FILE}` }).click(),
      ])
      assert.equal(download.suggestedFilename(), FILE)
      assert.ok((await readFile(await download.path())).equals(bytes), 'the same bytes came back')

      await row.getByRole('button', { name: `Delete ${FILE}` }).click()
      await page.getByText('Nothing here yet').waitFor()
      await page.getByText(`Deleted ${FILE}`).waitFor()
      await shot('deleted')

      await page.getByRole('link', { name: 'Audit log' }).click()
      const log = page.getByRole('table', { name: 'Audit events' })
      await log.getByRole('button', { name: 'Sign in' }).waitFor()
      await shot('audit-log')
      const told = await namesAndPlaces(log)
      assert.deepEqual(
        // How often a page lists its folder or reads the log is its own affair.
        told.filter(([what]) => what !== 'List a folder' && what !== 'Read the audit log'),
        [
          ['Delete a file', FILE, 'Allowed'],
          ['Download a file', FILE, 'Allowed'],
          ['Upload a file', FILE, 'Allowed'],
          ['Create a home', undefined, 'Allowed'],
          ['Sign in', undefined, 'Allowed'],
          // The first administrator, by the first start.
          ['Create a user', undefined, 'Allowed'],
        ],
      )

      const s3 = new URL(system.s3Url).origin
      const origins = new Set(asked.map(({ origin }) => origin))
      assert.deepEqual([...origins].toSorted(), [system.url, s3].toSorted(), 'nobody else was asked for anything')
      const puts = asked.filter(({ method }) => method === 'PUT')
      assert.equal(puts.length, 1)
      assert.equal(puts[0]?.origin, s3, 'the bytes went straight to S3')
      assert.ok(puts[0]?.path.endsWith(`/${FILE}`))
      assert.deepEqual(complaints, [], 'the browser had nothing to complain of')

      await page.getByRole('button', { name: /^Account of/ }).click()
      await page.getByRole('menuitem', { name: 'Sign out' }).click()
      await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    } catch (error) {
      await page.screenshot({ path: join(SHOTS, 'failed.png') }).catch(() => undefined)
      throw error
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
)

/** @param bytesPerSecond -1 for as fast as it goes */
async function limitUploads(page: Page, bytesPerSecond: number): Promise<void> {
  const session = await page.context().newCDPSession(page)
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: bytesPerSecond,
  })
  // With its session an emulation would end.
  if (bytesPerSecond === -1) await session.detach()
}

/** As the operating system does it when a person drags a file over the window. */
async function drag(page: Page, path: string, types: readonly ('dragEnter' | 'dragOver' | 'drop')[]): Promise<void> {
  const session = await page.context().newCDPSession(page)
  for (const type of types) {
    await session.send('Input.dispatchDragEvent', {
      type,
      x: 700,
      y: 400,
      data: { items: [], files: [path], dragOperationsMask: 1 },
    })
  }
  await session.detach()
}

const dragFileOver = (page: Page, path: string): Promise<void> => drag(page, path, ['dragEnter', 'dragOver'])
const dropFile = (page: Page, path: string): Promise<void> => drag(page, path, ['dragOver', 'drop'])

/** Waits until a progress bar has been seen between its ends. */
async function untilHalfway(bar: Locator): Promise<void> {
  await bar.waitFor()
  for (;;) {
    const now = Number(await bar.getAttribute('aria-valuenow'))
    if (now > 10 && now < 100) return
    await bar.page().waitForTimeout(50)
  }
}

async function namesAndPlaces(log: Locator): Promise<[what: string, file: string | undefined, outcome: string][]> {
  const rows = await log
    .getByRole('row')
    .filter({ has: log.page().getByRole('cell') })
    .all()
  return await Promise.all(
    rows.map(async (row): Promise<[string, string | undefined, string]> => {
      const cells = await row.getByRole('cell').allInnerTexts()
      const what = await row.getByRole('button').first().innerText()
      return [what, cells.join('\n').includes(FILE) ? FILE : undefined, cells.at(-1)?.trim() ?? '']
    }),
  )
}
