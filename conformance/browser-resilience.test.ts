import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { signInAsAdmin } from './api.ts'
import { findBrowser, startBrowser } from './browser.ts'
import { drag, signIn } from './browser-steps.ts'
import { request } from './http.ts'
import { startSystem } from './system.ts'

const browserPath = findBrowser()
const skip = browserPath === undefined ? 'a browser: apt-get install --no-install-recommends chromium' : false

test(
  'a page outlives the server, its session and stray drops, and never loses the keyboard',
  { skip, timeout: 240_000 },
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'skycrate-resilience-'))
    await using system = await startSystem()
    await using browser = await startBrowser(browserPath!)
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } })
    const file = async (name: string): Promise<string> => {
      const path = join(folder, name)
      await writeFile(path, `the text of ${name}`)
      return path
    }
    const choose = async (...names: string[]): Promise<void> =>
      page.getByLabel('Files to upload').setInputFiles(await Promise.all(names.map(file)))
    const uploads = page.getByRole('region', { name: 'Uploads' })
    const table = page.getByRole('table')

    try {
      await signIn(page, system)
      await page.getByText('Nothing here yet').waitFor()

      await t.test('the page comes under a policy by each of its addresses, and answers are compressed', async () => {
        for (const path of ['/', '/index.html', '/files', '/no/such/page']) {
          const answer = await request(system.url + path, { headers: { accept: 'text/html' } })
          assert.match(String(answer.headers['content-security-policy']), /default-src 'none'/, path)
        }
        const answer = await request(`${system.url}/openapi.json`, { headers: { 'accept-encoding': 'gzip, br' } })
        assert.equal(answer.headers['content-encoding'], 'br')
      })

      await t.test('a reload goes on with the session, of which no script can read anything', async () => {
        for (let i = 0; i < 3; i++) {
          await page.reload()
          await page.getByText('Nothing here yet').waitFor()
        }
        const readable = await page.evaluate(() =>
          JSON.stringify([document.cookie, Object.entries(localStorage), Object.entries(sessionStorage)]),
        )
        assert.match(readable, /^\["skycrate-signed-in-\d+=1",\[\],\[\]\]$/)
        const cookies = await page.context().cookies()
        const session = cookies.find(({ name }) => /^skycrate-\d+$/.test(name))
        assert.equal(session?.httpOnly, true)
        assert.equal(session.sameSite, 'Lax')
      })

      await t.test('what had the focus and disappears leaves it to what is near', async () => {
        await choose('a.txt', 'b.txt')
        await table.getByText('b.txt').waitFor()
        await uploads.getByRole('button', { name: 'Close uploads' }).focus()
        await page.keyboard.press('Enter')
        await uploads.waitFor({ state: 'detached' })
        assert.notEqual(await focused(), 'BODY', 'after the panel closed')
        for (const name of ['a.txt', 'b.txt']) {
          await table.getByRole('button', { name: `Delete ${name}` }).focus()
          await page.keyboard.press('Enter')
          await table.getByRole('button', { name: `Delete ${name}` }).waitFor({ state: 'detached' })
          assert.notEqual(await focused(), 'BODY', `after ${name} was deleted`)
        }
      })

      await t.test('a file dropped where none is taken opens nothing', async () => {
        await page.getByRole('link', { name: 'Activity' }).click()
        await page.getByRole('heading', { name: 'Activity' }).waitFor()
        await drag(page, [await file('stray.txt')])
        // The browser opens a dropped file unless the page takes the event, which a headless one does not show.
        const taken = await page.evaluate(() => {
          const dataTransfer = new DataTransfer()
          dataTransfer.items.add(new File(['x'], 'x.txt'))
          return (['dragover', 'drop'] as const).map(
            (type) =>
              !document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true })),
          )
        })
        assert.deepEqual(taken, [true, true])
        assert.equal(new URL(page.url()).pathname, '/activity')
        assert.equal(await page.getByRole('heading', { name: 'Activity' }).count(), 1)
        await page.getByRole('link', { name: 'Your files' }).click()
      })

      await t.test('a server that is away leaves the app, the page and the uploads', async () => {
        await system.stop()
        await choose('away.txt')
        await uploads.getByText('The connection is lost. Uploads go on when it is back.').waitFor()
        await page.getByText(/The server can’t be reached/).waitFor()
        // Opened for the first time, without a server to ask.
        await page.getByRole('link', { name: 'Locations' }).click()
        await page.getByRole('heading', { name: 'Locations' }).waitFor()
        await page.getByRole('link', { name: 'Audit log' }).click()
        await page.getByRole('heading', { name: 'Audit log' }).waitFor()
        assert.equal(await uploads.getByText('Uploading · 0 of 1').count(), 1)
        await system.restart()
        await page.getByText(/The server can’t be reached/).waitFor({ state: 'detached' })
        await uploads.getByText('1 uploaded').waitFor()
        await page.getByRole('link', { name: 'Your files' }).click()
        await table.getByText('away.txt').waitFor()
        await uploads.getByRole('button', { name: 'Close uploads' }).click()
      })

      await t.test(
        'a session that ended elsewhere asks to sign in again, and goes on with the chosen file',
        async () => {
          // As if it had ended while no page was open, and nobody told the browser.
          await page.context().clearCookies({ name: /^skycrate-\d+$/ })
          await page.goto(`${system.url}/locations`)
          await page.getByRole('heading', { name: 'Sign in' }).waitFor()
          assert.equal(new URL(page.url()).searchParams.get('next'), '/locations')
          await signIn(page, system, '/files?folder=kept%2F')
          await page.getByRole('heading', { name: 'kept' }).waitFor()
          // A changed password ends every session.
          const next = `${system.admin.password}-changed`
          const change = { currentPassword: system.admin.password, newPassword: next }
          assert.equal((await (await signInAsAdmin(system)).post('/auth/change-password', change)).status, 204)
          await choose('kept.txt')
          const dialog = page.getByRole('dialog', { name: 'Sign in again' })
          await dialog.waitFor()
          await dialog.getByLabel('Password').fill(next)
          await dialog.getByRole('button', { name: 'Sign in' }).click()
          await dialog.waitFor({ state: 'detached' })
          await table.getByText('kept.txt').waitFor()
          await page.getByRole('heading', { name: 'kept' }).waitFor()
        },
      )
    } catch (error) {
      await page.screenshot({ path: '/tmp/skycrate-resilience.png' }).catch(() => undefined)
      throw error
    } finally {
      await rm(folder, { recursive: true, force: true })
    }

    async function focused(): Promise<string> {
      // The next frame, after what watches the document had its turn.
      await page.waitForTimeout(100)
      return page.evaluate(() => document.activeElement?.tagName ?? 'BODY')
    }
  },
)
