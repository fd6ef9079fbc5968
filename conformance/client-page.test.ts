import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { build } from 'vite'
import { type Api, apiOf, signInAsAdmin, type Tokens } from './api.ts'
import { findBrowser, startBrowser } from './browser.ts'
import { download, list, upload } from './client-steps.ts'
import { packedClient } from './client-package.ts'
import { startHttpsFront } from './engines/https-front.ts'
import { freePort } from './free-port.ts'
import { startSystem, type System } from './system.ts'

// Uppy and Storage Browser as they are, in a page of another origin, over the client as it is published.

const LIBRARY = 'skycrate.library'
const MEBIBYTE = 1024 ** 2
const PERSON = { email: 'ada@skycrate.test', password: randomBytes(12).toString('hex') }
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }

interface Uploaded {
  readonly successful: number
  readonly failed: readonly string[]
  readonly progress: readonly number[]
  readonly paused?: boolean
}
type PageOf = typeof globalThis & {
  page: Record<'uppySingle' | 'uppyParts', (...given: unknown[]) => Promise<Uploaded>> & {
    storageBrowser(setup: object): Promise<void>
  }
}

const executable = findBrowser()
const skip = executable === undefined ? 'a Chromium: apt-get install chromium' : false

describe('in Chromium', { skip }, () => {
  const ending = new AsyncDisposableStack()
  let system: System
  let browser: Browser
  let ada: Api
  let prefix: string
  let pageUrl: string
  let setup: object

  before(async () => {
    const port = await freePort()
    pageUrl = `http://127.0.0.1:${port}`
    const [pack, out] = [ending.use(await packedClient()), await mkdtemp(join(tmpdir(), 'client-page-'))]
    ending.defer(() => rm(out, { recursive: true, force: true }))
    await build({
      root: fileURLToPath(new URL('client-page', import.meta.url)),
      configFile: false,
      logLevel: 'error',
      resolve: { alias: { 'packed-client': join(pack.folder, 'dist') } },
      build: { outDir: out, emptyOutDir: true, minify: false, rolldownOptions: { onLog: () => undefined } },
    })
    const server = createServer((asked, answer) => {
      const path = asked.url === '/' ? '/index.html' : (asked.url ?? '')
      readFile(join(out, path.replaceAll('..', ''))).then(
        (bytes) => answer.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'text/plain' }).end(bytes),
        () => answer.writeHead(404).end(),
      )
    })
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    ending.defer(() => void server.close())
    const env = { SKYCRATE_LIBRARY_BUCKET: LIBRARY, SKYCRATE_WEB_ORIGINS: pageUrl }
    system = ending.use(await startSystem({ env }))
    const front = ending.use(await startHttpsFront(system.s3Url))
    const admin = await signInAsAdmin(system)
    assert.equal((await admin.post('/users', PERSON)).status, 201)
    const login = await apiOf(system.url, undefined).post('/auth/login', PERSON)
    ada = apiOf(system.url, login.json<Tokens>().access_token)
    prefix = `private/${(await ada.get('/auth/me')).json<{ id: string }>().id}/`
    await upload(ada, LIBRARY, `${prefix}hello.txt`, 'hello')
    setup = { baseUrl: system.url, ...PERSON, endpoint: front.host }
    browser = await startBrowser(executable!)
    ending.defer(() => browser.close())
  })
  after(() => ending.disposeAsync())

  async function open(): Promise<Page> {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1400, height: 900 } })
    const page = await context.newPage()
    page.setDefaultTimeout(30_000)
    await page.goto(pageUrl)
    await page.waitForFunction(() => 'page' in globalThis)
    return page
  }

  const sizeOf = async (key: string): Promise<number | undefined> =>
    (await list(ada, LIBRARY, { prefix: key })).objects[0]?.size

  test('Uppy uploads a file by a signed request, and does not replace it unless that was chosen', async () => {
    const page = await open()
    const uploadOnce = (): Promise<Uploaded> =>
      page.evaluate(
        ([given, bucket, place]) => (globalThis as PageOf).page.uppySingle(given, bucket, place, 'uppy é.txt'),
        [setup, LIBRARY, prefix] as const,
      )
    const first = await uploadOnce()
    assert.deepEqual([first.successful, first.failed], [1, []])
    const { objects } = await list(ada, LIBRARY, { prefix: `${prefix}` })
    assert.ok(
      objects.some(({ key, size }) => key.endsWith('.txt') && size === 1000),
      JSON.stringify(objects),
    )
    const again = await page.evaluate(
      ([given, bucket]) => (globalThis as PageOf).page.uppySingle(given, bucket, 'private/usr_other/', 'x.txt'),
      [setup, LIBRARY] as const,
    )
    assert.equal(again.successful ?? 0, 0, 'a neighbour')
    await page.context().close()
  })

  test('Uppy uploads a large file in parts, with a pause', async () => {
    const page = await open()
    const done = await page.evaluate(
      ([given, bucket, place]) => (globalThis as PageOf).page.uppyParts(given, bucket, place, 'large.bin'),
      [setup, LIBRARY, prefix] as const,
    )
    assert.deepEqual([done.successful, done.failed, done.paused], [1, [], true])
    assert.equal(await sizeOf(`${prefix}large.bin`), 12 * MEBIBYTE)
    await page.context().close()
  })

  test('Storage Browser shows the locations of its user, lists a folder and uploads a file, over https', async () => {
    const page = await open()
    await page.evaluate((given) => (globalThis as PageOf).page.storageBrowser(given), setup)
    await page.getByRole('button', { name: 'protected/', exact: true }).waitFor()
    await page.getByRole('button', { name: prefix }).click()
    await page.getByRole('button', { name: 'hello.txt file' }).waitFor()
    await page.getByRole('button', { name: 'large.bin file' }).waitFor()

    await page.getByRole('button', { name: 'Menu Toggle' }).click()
    await page.getByRole('menuitem', { name: 'Upload', exact: true }).click()
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      page.getByRole('button', { name: 'Add files' }).click(),
    ])
    await chooser.setFiles({ name: 'by browser é.txt', mimeType: 'text/plain', buffer: Buffer.from('from the page') })
    await page.getByRole('button', { name: 'Upload', exact: true }).click()
    await page.getByText('All files uploaded.').waitFor()
    const key = `${prefix}by browser é.txt`
    assert.equal((await download(ada, LIBRARY, key)).toString(), 'from the page')
    await page.context().close()
  })
})
