import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { violationsOf } from './axe.ts'
import { signInAsAdmin } from './api.ts'
import { findBrowser, startBrowser } from './browser.ts'
import { complaintsOf, signIn } from './browser-steps.ts'
import { request } from './http.ts'
import { startSystem } from './system.ts'

const browserPath = findBrowser()
const skip = browserPath === undefined ? 'a browser: apt-get install --no-install-recommends chromium' : false

const SIZES = { wide: { width: 1400, height: 900 }, phone: { width: 390, height: 844 } } as const

test(
  'every page can be used by everybody, light and dark, and the browser complains of none',
  { skip, timeout: 300_000 },
  async () => {
    await using system = await startSystem()
    await using browser = await startBrowser(browserPath!)
    // Something for the tables to show.
    const api = await signInAsAdmin(system)
    const { bucket, prefix } = (await api.get('/home')).json<{ bucket: string; prefix: string }>()
    for (const key of ['report.pdf', 'folder/a.txt']) {
      const answer = await api.post('/s3/presigned-url', { bucket, key: `${prefix}${key}`, operation: 'put' })
      await request(answer.json<{ url: string }>().url, { method: 'PUT', body: key })
    }
    const made = [
      await api.post('/groups', { name: 'reviewers', description: 'They review the report' }),
      await api.post('/users', { email: 'grace@example.com', invite: true, groups: ['reviewers'] }),
      await api.post('/permissions', {
        principal: { kind: 'group', group: 'reviewers' },
        bucket,
        prefix: 'reports/',
        actions: ['list', 'read'],
      }),
    ]
    made.push(
      await api.post('/issuers', {
        name: 'Partners',
        issuer: 'http://127.0.0.1:1/',
        audience: 'https://api.example.test',
        allow: { emailDomains: ['example.com'] },
      }),
      await api.post('/directories', { name: 'Contoso' }),
    )
    await api.post('/s3/presigned-url', { bucket: 'nowhere', key: 'a.txt', operation: 'get' })
    for (const answer of made) assert.equal(answer.status, 201, answer.text)
    const found: string[] = []
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const [size, viewport] of Object.entries(SIZES)) {
        const context = await browser.newContext({ colorScheme, viewport, reducedMotion: 'reduce' })
        const page = await context.newPage()
        const complaints = complaintsOf(page)
        const look = async (what: string): Promise<void> => {
          for (const each of await violationsOf(page)) found.push(`${what}, ${colorScheme}, ${size}: ${each}`)
        }
        await page.goto(`${system.url}/sign-in`)
        await page.getByRole('heading', { name: 'Sign in' }).waitFor()
        await look('sign-in')
        await page.goto(`${system.url}/invitation#skyi_nothing`)
        await page.getByRole('heading', { name: 'Welcome to SkyCrate' }).waitFor()
        await look('invitation')
        await signIn(page, system)
        for (const path of await pagesOf(page, size === 'phone')) {
          await page.goto(system.url + path)
          await page.getByRole('heading', { level: 1 }).first().waitFor()
          await page.waitForLoadState('networkidle')
          await look(path)
        }
        assert.deepEqual(complaints, [], `${colorScheme}, ${size}`)
        await context.close()
      }
    }
    assert.deepEqual(found, [])
  },
)

/** Kilobytes (1,000 bytes) of script, compressed, that the first page may need. */
const FIRST_PAGE_KB = 250

test('the first page needs little', { skip, timeout: 120_000 }, async (t) => {
  await using system = await startSystem()
  await using browser = await startBrowser(browserPath!)
  const page = await browser.newPage()
  const scripts: Promise<number>[] = []
  page.on('response', (response) => {
    if (!response.url().endsWith('.js')) return
    scripts.push(
      response
        .request()
        .sizes()
        .then(({ responseBodySize }) => responseBodySize),
    )
  })
  await signIn(page, system)
  await page.getByText('Nothing here yet').waitFor()
  const bytes = (await Promise.all(scripts)).reduce((sum, each) => sum + each, 0)
  t.diagnostic(`the first page needs ${(bytes / 1000).toFixed(0)} kB of compressed script`)
  assert.ok(bytes < FIRST_PAGE_KB * 1000, `${bytes} bytes`)
})

/** The pages that the navigation offers. */
async function pagesOf(page: Page, behindMore: boolean): Promise<string[]> {
  const more = page.getByRole('button', { name: 'More' })
  if (behindMore && (await more.count()) > 0) await more.click()
  const links = page.locator('nav a[href], [role="dialog"] a[href], .MuiDrawer-paper a[href]')
  const paths = await links.evaluateAll((all) => all.map((each) => new URL((each as HTMLAnchorElement).href).pathname))
  assert.ok(paths.length >= 4, 'the navigation offers pages')
  return [...new Set(paths)]
}
