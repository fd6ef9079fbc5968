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
import { guideFolder } from './guide-folder.ts'
import { startSystem, type System } from './system.ts'

// Uppy and Storage Browser as they are, in a page of another origin, over the client as it is published, as the guide says.

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
  page: Record<'uppySingle' | 'uppyAt' | 'uppyParts', (...given: string[]) => Promise<Uploaded>> & {
    upload(name: string): Promise<number>
    storageBrowser(): Promise<void>
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

  before(async () => {
    const port = await freePort()
    pageUrl = `http://127.0.0.1:${port}`
    const [pack, out] = [ending.use(await packedClient()), await mkdtemp(join(tmpdir(), 'client-page-'))]
    ending.defer(() => rm(out, { recursive: true, force: true }))
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
    const modules = ['@aws-amplify/ui-react-storage', '@uppy/aws-s3', '@uppy/core', 'aws-amplify', 'react']
    const guide = ending.use(
      await guideFolder('clients.md', {
        replace: (text) =>
          text
            .replaceAll(':8080', `:${new URL(system.url).port}`)
            .replaceAll('localhost:9000', front.host)
            .replaceAll('me@example.com', PERSON.email)
            .replaceAll('PASSWORD', PERSON.password)
            .replaceAll('skycrate-library', LIBRARY),
        modules: { ...Object.fromEntries(modules.map((name) => [name, undefined])), '@skycrate/client': pack.folder },
      }),
    )
    await build({
      root: fileURLToPath(new URL('client-page', import.meta.url)),
      configFile: false,
      logLevel: 'error',
      resolve: { alias: { 'packed-client': join(pack.folder, 'dist'), guide: guide.dir } },
      build: {
        outDir: out,
        emptyOutDir: true,
        minify: false,
        target: 'esnext',
        rolldownOptions: { onLog: () => undefined },
      },
    })
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

  test('a page uploads a file in parts, and forgets the checkpoint', async () => {
    const page = await open()
    const left = await page.evaluate(() => (globalThis as PageOf).page.upload('from a page.bin'))
    assert.equal(left, 0)
    assert.equal(await sizeOf('public/from a page.bin'), 17 * MEBIBYTE)
    await page.context().close()
  })

  test('Uppy uploads a file by a signed request, and nothing at a neighbour', async () => {
    const page = await open()
    const first = await page.evaluate(() => (globalThis as PageOf).page.uppySingle('uppy é.txt'))
    assert.deepEqual([first.successful, first.failed], [1, []])
    const { objects } = await list(ada, LIBRARY, { prefix: 'public/' })
    assert.ok(
      objects.some(({ key, size }) => key.endsWith('.txt') && size === 1000),
      JSON.stringify(objects),
    )
    const again = await page.evaluate(
      (bucket) => (globalThis as PageOf).page.uppyAt(bucket, 'private/usr_other/', 'x.txt'),
      LIBRARY,
    )
    assert.equal(again.successful ?? 0, 0, 'a neighbour')
    await page.context().close()
  })

  test('Uppy uploads a large file in parts, with a pause', async () => {
    const page = await open()
    const done = await page.evaluate(() => (globalThis as PageOf).page.uppyParts('large.bin'))
    assert.deepEqual([done.successful, done.failed, done.paused], [1, [], true])
    assert.equal(await sizeOf('public/large.bin'), 12 * MEBIBYTE)
    await page.context().close()
  })

  test('Storage Browser shows the locations of its user, lists a folder and uploads a file, over https', async () => {
    const page = await open()
    await page.evaluate(() => (globalThis as PageOf).page.storageBrowser())
    await page.getByRole('button', { name: 'protected/', exact: true }).waitFor()
    await page.getByRole('button', { name: prefix }).click()
    await page.getByRole('button', { name: 'hello.txt file' }).waitFor()

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
