import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { BrowserContext, CDPSession, Page, Request } from 'playwright-core'
import { signInAsAdmin } from './api.ts'
import { violationsOf } from './axe.ts'
import { findBrowser, startBrowser } from './browser.ts'
import { drag, signIn } from './browser-steps.ts'
import { download, home, list } from './client-steps.ts'
import { freePort } from './free-port.ts'
import { poll } from './poll.ts'
import { startSystem } from './system.ts'
import { startTcpProxy } from './tcp-proxy.ts'

const browserPath = findBrowser()
const skip = browserPath === undefined ? 'a browser: apt-get install --no-install-recommends chromium' : false
const SHOTS = process.env['SKYCRATE_TEST_SHOTS'] ?? join(tmpdir(), 'skycrate-shots-uploads')

const MIB = 1024 ** 2
/** Of the file whose network is cut and whose tab is closed. */
const GIB = 1024 * MIB
/** Of the other large files. */
const SIZE = Number(process.env['SKYCRATE_TEST_UPLOAD_MIB'] ?? 64) * MIB
/** Small files in one folder. */
const MANY = Number(process.env['SKYCRATE_TEST_UPLOAD_FILES'] ?? 2000)
/** Bytes a second, so that there is a middle. */
const SLOW = SIZE / 10
/** What the server chooses for files of this size, and what the page has under way at once. */
const PART = 8 * MIB
const AT_ONCE = Math.max(2, Math.min(4, Math.floor((SIZE * 0.05) / PART)))
const PARTS = Math.ceil(SIZE / PART)
const WITHIN_MS = 120_000

test(
  'a large upload outlives a lost network, a reload and a closed tab, and sends next to nothing twice',
  { skip, timeout: 600_000 },
  async (t) => {
    await mkdir(SHOTS, { recursive: true })
    const folder = await mkdtemp(join(tmpdir(), 'skycrate-large-'))
    const [s3Port, proxyPort] = [await freePort(), await freePort()]
    await using network = await startTcpProxy(proxyPort, { host: '127.0.0.1', port: s3Port })
    await using system = await startSystem({
      env: { SKYCRATE_S3_PORT: String(s3Port), S3_PUBLIC_ENDPOINT: `http://127.0.0.1:${proxyPort}` },
    })
    await using browser = await startBrowser(browserPath!)
    const api = await signInAsAdmin(system)
    const { bucket } = await home(api)
    const bytes = randomBytes(SIZE)
    const hash = sha256(bytes)
    const file = async (name: string): Promise<string> => {
      const path = join(folder, name)
      await writeFile(path, bytes)
      return path
    }
    const context = await browser.newContext({ viewport: { width: 1400, height: 900 } })
    const puts = countParts(context)
    let page = await newPage(context)
    const uploads = () => page.getByRole('region', { name: 'Uploads' })
    const isWhole = async (key: string): Promise<void> =>
      assert.equal(sha256(await download(api, bucket, key)), hash, `${key} has the bytes that were chosen`)
    /** How many parts went more than once. */
    const sentTwice = (key: string): number => puts(key) - PARTS
    const middleOf = async (name: string, percent = 25): Promise<void> => {
      const bar = uploads().getByRole('progressbar', { name: `Progress of ${name}` })
      await poll(`${name} is on its way`, WITHIN_MS, async () => Number(await valueOf(bar)) >= percent)
    }

    try {
      await signIn(page, system)
      await page.getByText('Nothing here yet').waitFor()

      await t.test('the network is cut in the middle of 1 GiB, and its tab is closed after that', async () => {
        const before = network.sent()
        await limit(page, GIB / 10)
        await chooseRepeated(page, 'Files to upload', 'cut.bin', GIB)
        await middleOf('cut.bin', 20)
        await uploads()
          .getByText(/B\/s · .* left/)
          .waitFor()
        await page.screenshot({ path: join(SHOTS, 'sending.png') })
        await network.cut()
        await uploads().getByText('The connection is lost. Uploads go on when it is back.').waitFor()
        await page.screenshot({ path: join(SHOTS, 'lost.png') })
        assert.deepEqual(await violationsOf(page), [])
        await network.restore()
        await middleOf('cut.bin', 45)
        await page.close()
        page = await newPage(context)
        await page.goto(system.url)
        await uploads().getByText('1 upload interrupted').waitFor()
        await chooseRepeated(page, 'Files to resume', 'cut.bin', GIB)
        await uploads().getByText('1 uploaded').waitFor()
        const twice = (network.sent() - before) / GIB - 1
        t.diagnostic(`${(twice * 100).toFixed(1)} % of 1 GiB was sent twice after a cut and a closed tab`)
        // Each time at most the four parts that were under way: 3.1 %.
        assert.ok(twice < (2 * 4 * PART) / GIB + 0.005, `${twice} of the file was sent twice`)
        const { objects } = await list(api, bucket, { prefix: 'cut.bin' })
        assert.deepEqual(
          objects.map(({ key, size, etag }) => ({ key, size, etag: etag.replaceAll('"', '') })),
          [{ key: 'cut.bin', size: GIB, etag: etagOfRepeated(GIB) }],
        )
      })

      await t.test('it is paused and resumed', async () => {
        const path = await file('paused.bin')
        await limit(page, SLOW)
        await page.getByLabel('Files to upload').setInputFiles(path)
        await middleOf('paused.bin')
        await uploads().getByRole('button', { name: 'Pause the upload of paused.bin' }).click()
        await uploads()
          .getByText(/^Paused · /)
          .waitFor()
        const before = puts('paused.bin')
        await page.screenshot({ path: join(SHOTS, 'paused.png') })
        await limit(page, -1)
        // It outlives a walk to another page.
        await page.getByRole('link', { name: 'Activity' }).click()
        await page.getByRole('heading', { name: 'Activity' }).waitFor()
        await page.getByRole('link', { name: 'Your files' }).click()
        await page.getByRole('heading', { name: 'Your files' }).waitFor()
        assert.equal(puts('paused.bin'), before, 'nothing is sent while it is paused')
        await uploads().getByRole('button', { name: 'Resume the upload of paused.bin' }).click()
        await uploads().getByText('2 uploaded').waitFor()
        await isWhole('paused.bin')
        assert.ok(sentTwice('paused.bin') <= AT_ONCE, `${sentTwice('paused.bin')} parts were sent twice`)
      })

      await t.test('the page is loaded anew, and the file chosen again', async () => {
        const path = await file('reloaded.bin')
        await limit(page, SLOW)
        await page.getByLabel('Files to upload').setInputFiles(path)
        await middleOf('reloaded.bin')
        await page.reload()
        await uploads().getByText('1 upload interrupted').waitFor()
        await page.screenshot({ path: join(SHOTS, 'interrupted.png') })
        assert.deepEqual(await violationsOf(page), [])
        // Another file of this name is not taken for it.
        const other = join(folder, 'other')
        await mkdir(other)
        await writeFile(join(other, 'reloaded.bin'), 'another')
        await page.getByLabel('Files to resume').setInputFiles(join(other, 'reloaded.bin'))
        await page.getByText(/is not the one that was interrupted/).waitFor()
        await page.getByLabel('Files to resume').setInputFiles(path)
        await uploads().getByText('1 uploaded').waitFor()
        await isWhole('reloaded.bin')
        assert.ok(sentTwice('reloaded.bin') <= AT_ONCE, `${sentTwice('reloaded.bin')} parts were sent twice`)
      })

      await t.test('its tab is closed, and the next one goes on by itself', async () => {
        await limit(page, SLOW)
        await page.evaluate(async (size) => {
          const root = await navigator.storage.getDirectory()
          const handle = await root.getFileHandle('closed.bin', { create: true })
          const stream = await handle.createWritable()
          const piece = new Uint8Array(1024 ** 2).map((_, index) => (index * 7) % 251)
          for (let at = 0; at < size; at += piece.length) await stream.write(piece)
          await stream.close()
          // The browser's own dialog can't be driven; what it gives is a handle like this one.
          Object.assign(window, { showOpenFilePicker: () => Promise.resolve([handle]) })
        }, SIZE)
        await page.getByRole('button', { name: 'Upload', exact: true }).click()
        await middleOf('closed.bin')
        await page.close()
        page = await newPage(context)
        await page.goto(system.url)
        await uploads().getByText('1 uploaded').waitFor()
        const piece = Buffer.from(Uint8Array.from({ length: MIB }, (_, index) => (index * 7) % 251))
        const whole = Buffer.concat(Array.from({ length: SIZE / MIB }, () => piece))
        assert.equal(sha256(await download(api, bucket, 'closed.bin')), sha256(whole))
        assert.ok(sentTwice('closed.bin') <= AT_ONCE, `${sentTwice('closed.bin')} parts were sent twice`)
      })

      await t.test(
        'a name that is taken is asked about before anything is sent; what is sent is not sent again',
        async () => {
          await limit(page, -1)
          const path = await file('taken.bin')
          await page.goto(`${system.url}/files?folder=elsewhere%2F`)
          await page.getByText('Nothing here yet').waitFor()
          await page.getByLabel('Files to upload').setInputFiles(path)
          await uploads().getByText('1 uploaded').waitFor()
          await page.getByLabel('Files to upload').setInputFiles(path)
          const dialog = page.getByRole('dialog', { name: 'This file exists already' })
          await dialog.getByRole('button', { name: 'Keep both' }).click()
          await uploads().getByText('2 uploaded').waitFor()
          await isWhole('elsewhere/taken (1).bin')
          assert.equal(puts('elsewhere/taken.bin'), PARTS)
        },
      )

      await t.test('signing out asks while files are under way, and ends them at the store too', async () => {
        await limit(page, SLOW)
        await page.getByLabel('Files to upload').setInputFiles(await file('left.bin'))
        await middleOf('left.bin')
        await page.getByRole('button', { name: /^Account of/ }).click()
        await page.getByRole('menuitem', { name: 'Sign out' }).click()
        const dialog = page.getByRole('dialog', { name: 'Sign out while files are uploading?' })
        await dialog.getByText('1 file is not uploaded yet').waitFor()
        // Behind a dialog it is hidden from roles.
        const isCovered = await page.locator('section[aria-label="Uploads"]').evaluate((tray) => {
          const { left, top, width, height } = tray.getBoundingClientRect()
          return !tray.contains(document.elementFromPoint(left + width / 2, top + height / 2))
        })
        assert.ok(isCovered, 'the dialog lies above the tray')
        await page.screenshot({ path: join(SHOTS, 'sign-out.png') })
        await dialog.getByRole('button', { name: 'Cancel uploads and sign out' }).click()
        await page.getByRole('heading', { name: 'Sign in' }).waitFor()
        await limit(page, -1)
        await signIn(page, system)
        assert.equal((await list(api, bucket)).objects.filter(({ key }) => key === 'left.bin').length, 0)
        assert.equal(await uploads().count(), 0, 'nothing of it is offered again')
      })
    } catch (error) {
      await page.screenshot({ path: join(SHOTS, 'failed.png') }).catch(() => undefined)
      throw error
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
)

test(
  'whole folders arrive with their empty folders, and thousands of files at once',
  { skip, timeout: 600_000 },
  async (t) => {
    await mkdir(SHOTS, { recursive: true })
    const folder = await mkdtemp(join(tmpdir(), 'skycrate-folders-'))
    await using system = await startSystem()
    await using browser = await startBrowser(browserPath!)
    const api = await signInAsAdmin(system)
    const { bucket } = await home(api)
    const keys = async (prefix: string): Promise<string[]> => {
      const found: string[] = []
      for (let cursor: string | null = ''; cursor !== null;) {
        const page = await list(api, bucket, { prefix, limit: '1000', ...(cursor !== '' && { cursor }) })
        found.push(...page.objects.map(({ key }) => key))
        cursor = page.nextCursor
      }
      return found
    }
    const page = await newPage(await browser.newContext({ viewport: { width: 1400, height: 900 } }))
    const uploads = page.getByRole('region', { name: 'Uploads' })
    try {
      await signIn(page, system)
      await page.getByText('Nothing here yet').waitFor()

      await t.test('by drag', async () => {
        const trip = join(folder, 'trip')
        await mkdir(join(trip, 'empty', 'deeper'), { recursive: true })
        await mkdir(join(trip, 'only-icons'))
        await writeFile(join(trip, 'only-icons', '.DS_Store'), 'x')
        await writeFile(join(trip, 'day 1.txt'), 'sun')
        await drag(page, [trip])
        await uploads.getByText('3 uploaded').waitFor()
        assert.deepEqual(await keys('trip/'), ['trip/day 1.txt', 'trip/empty/deeper/', 'trip/only-icons/'])
        await page.getByRole('link', { name: 'trip' }).click()
        await page.getByRole('link', { name: 'empty', exact: true }).waitFor()
      })

      await t.test('by the button', async () => {
        await page.evaluate(async () => {
          const root = await navigator.storage.getDirectory()
          const album = await root.getDirectoryHandle('album', { create: true })
          await album.getDirectoryHandle('later', { create: true })
          const stream = await (await album.getFileHandle('1.txt', { create: true })).createWritable()
          await stream.write('one')
          await stream.close()
          Object.assign(window, { showDirectoryPicker: () => Promise.resolve(album) })
        })
        await page.getByRole('button', { name: 'Upload folder' }).click()
        await uploads.getByText('5 uploaded').waitFor()
        assert.deepEqual(await keys('trip/album/'), ['trip/album/1.txt', 'trip/album/later/'])
        await uploads.getByRole('button', { name: 'Close uploads' }).click()
      })

      await t.test(`${MANY} files`, async () => {
        const many = join(folder, 'many')
        await mkdir(many)
        await Promise.all(
          Array.from({ length: MANY }, (_, index) => writeFile(join(many, `${index}.txt`), `file ${index}`)),
        )
        await page.evaluate(() => {
          let [last, longest] = [performance.now(), 0]
          const look = (now: number): void => {
            longest = Math.max(longest, now - last)
            last = now
            Object.assign(window, { longestFrame: longest })
            requestAnimationFrame(look)
          }
          requestAnimationFrame(look)
        })
        const asked = { urls: 0, lists: 0 }
        page.on('request', (request) => {
          if (request.url().endsWith('/s3/presigned-urls')) asked.urls += 1
          if (request.url().includes('/s3/list/')) asked.lists += 1
        })
        const start = performance.now()
        await drag(page, [many])
        await uploads.getByText(/^Uploading /).waitFor()
        const lines = await uploads.getByRole('listitem').count()
        assert.ok(lines > 0 && lines < 60, `${lines} lines are in the document`)
        await page.screenshot({ path: join(SHOTS, 'many.png') })
        await uploads.getByRole('button', { name: 'Minimise uploads' }).click()
        await page.screenshot({ path: join(SHOTS, 'minimised.png') })
        const summary = uploads.getByRole('status')
        const before = await summary.textContent()
        await poll('files arrive meanwhile', WITHIN_MS, async () => (await summary.textContent()) !== before)
        await uploads.getByText(`${MANY.toLocaleString('en-US')} uploaded`).waitFor({ timeout: 400_000 })
        const longest = await page.evaluate(() => (window as Window & { longestFrame?: number }).longestFrame)
        t.diagnostic(
          `${MANY} files in ${((performance.now() - start) / 1000).toFixed(1)} s; the longest frame took ${longest?.toFixed(0)} ms`,
        )
        await uploads.getByRole('button', { name: 'Show uploads' }).click()
        await uploads.getByRole('button', { name: 'Minimise uploads' }).click()
        await uploads.getByRole('button', { name: 'Show uploads' }).click()
        await uploads.locator('li').first().waitFor()
        const scrolled = await uploads.locator('ul').evaluate(async (lines) => {
          // Lines are measured a frame after they were drawn.
          for (let frame = 0; frame < 5; frame++) await new Promise(requestAnimationFrame)
          return lines.parentElement?.scrollTop
        })
        assert.equal(scrolled, 0, 'a list that is shown again stands where it stood')
        assert.equal((await keys('trip/many/')).length, MANY)
        assert.ok(asked.urls <= 2 + Math.ceil(MANY / 500), `URLs were asked for ${asked.urls} times`)
        t.diagnostic(`the folder was listed ${asked.lists} times`)
      })
    } catch (error) {
      await page.screenshot({ path: join(SHOTS, 'failed.png') }).catch(() => undefined)
      throw error
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
)

async function newPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage()
  page.setDefaultTimeout(WITHIN_MS)
  // A page with uploads asks before it is left.
  page.on('dialog', (dialog) => void dialog.accept().catch(() => undefined))
  return page
}

/** Of what a repeated file repeats: no part of it is like another. */
const PIECE = 1_000_003

/** Chooses a file that takes no room: it repeats a piece, and is the same one in every page. */
async function chooseRepeated(page: Page, input: string, name: string, size: number): Promise<void> {
  await page.getByLabel(input).evaluate(
    (element, { file, bytes, length }) => {
      const piece = new Blob([new Uint8Array(length).map((_, index) => (index * 7) % 251)])
      const whole = new Blob(Array.from({ length: Math.ceil(bytes / length) }, () => piece)).slice(0, bytes)
      const chosen = new DataTransfer()
      chosen.items.add(new File([whole], file, { lastModified: 1_700_000_000_000 }))
      ;(element as HTMLInputElement).files = chosen.files
      element.dispatchEvent(new Event('change', { bubbles: true }))
    },
    { file: name, bytes: size, length: PIECE },
  )
}

/** S3's ETag of such a file, of parts of PART bytes: it tells every byte, and where it stands. */
function etagOfRepeated(size: number): string {
  const piece = Buffer.from(Uint8Array.from({ length: PIECE }, (_, index) => (index * 7) % 251))
  const source = Buffer.concat(Array.from({ length: Math.ceil(PART / PIECE) + 1 }, () => piece))
  const all = createHash('md5')
  for (let at = 0; at < size; at += PART) {
    const from = at % PIECE
    all.update(
      createHash('md5')
        .update(source.subarray(from, from + Math.min(PART, size - at)))
        .digest(),
    )
  }
  return `${all.digest('hex')}-${Math.ceil(size / PART)}`
}

/** Counts the parts that were sent to the store, whole or in part, by key: not those for which nothing answered. */
function countParts(context: BrowserContext): (key: string) => number {
  const counts = new Map<string, number>()
  const add = (request: Request, count: number): void => {
    const url = new URL(request.url())
    if (request.method() !== 'PUT' || !url.searchParams.has('partNumber')) return
    const key = decodeURIComponent(url.pathname).split('/').slice(2).join('/')
    counts.set(key, (counts.get(key) ?? 0) + count)
  }
  context.on('request', (request) => add(request, 1))
  context.on('requestfailed', (request) => {
    if (request.failure()?.errorText.includes('CONNECTION_REFUSED')) add(request, -1)
  })
  return (key) => counts.get(key) ?? 0
}

const sessions = new WeakMap<Page, Promise<CDPSession>>()

async function limit(page: Page, bytesPerSecond: number): Promise<void> {
  const opened = sessions.get(page) ?? page.context().newCDPSession(page)
  sessions.set(page, opened)
  const session = await opened
  await session.send('Network.enable')
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: bytesPerSecond,
  })
}

/** 0 to 100; undefined while there is no bar. */
async function valueOf(bar: ReturnType<Page['getByRole']>): Promise<string | null> {
  return (await bar.count()) === 0 ? null : await bar.getAttribute('aria-valuenow').catch(() => null)
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
