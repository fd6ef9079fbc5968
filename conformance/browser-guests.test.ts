import assert from 'node:assert/strict'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { type Api, apiOf, auditEvents, signInAsAdmin } from './api.ts'
import { violationsOf } from './axe.ts'
import { findBrowser, startBrowser } from './browser.ts'
import { complaintsOf, fillSignIn } from './browser-steps.ts'
import { upload } from './client-steps.ts'
import { poll } from './poll.ts'
import { startSystem } from './system.ts'

const SHOTS = fileURLToPath(new URL('../artifacts/browser-guests/', import.meta.url))
const LIBRARY = 'company-library'
const SIZES = { wide: { width: 1400, height: 900 }, phone: { width: 390, height: 844 } } as const
/** Requests each second; ten seconds' worth at once. */
const GUEST_RATE = 40

const browserPath = findBrowser()
const skip = browserPath === undefined ? 'a browser: apt-get install --no-install-recommends chromium' : false

test('guests look around in the web app, and signing in leads back', { skip, timeout: 300_000 }, async (t) => {
  await mkdir(SHOTS, { recursive: true })
  await using system = await startSystem({
    env: {
      SKYCRATE_GUESTS: 'true',
      SKYCRATE_LIBRARY_BUCKET: LIBRARY,
      SKYCRATE_GUEST_RATE: String(GUEST_RATE),
    },
  })
  await using browser = await startBrowser(browserPath!)
  const admin = await signInAsAdmin(system)
  await upload(admin, LIBRARY, 'public/handbook.txt', 'for all')
  await upload(admin, LIBRARY, 'public/maps/north.txt', 'north')
  await upload(admin, LIBRARY, `private/${await idOf(admin)}/diary.txt`, 'mine')
  // Even where an operator tries things out and lets guests write: the pages of a guest stay read-only.
  const given = await admin.post('/permissions', {
    principal: { kind: 'guest' },
    bucket: LIBRARY,
    prefix: 'public/maps/',
    actions: ['write', 'delete'],
  })
  assert.equal(given.status, 201, given.text)
  const folder = (prefix: string): string => `${system.url}/locations/${LIBRARY}?prefix=${encodeURIComponent(prefix)}`

  const shot = (page: Page, name: string): Promise<Buffer> => page.screenshot({ path: join(SHOTS, `${name}.png`) })

  try {
    await t.test('what is open to guests, read-only, without a question that is refused', async () => {
      const found: string[] = []
      for (const colorScheme of ['light', 'dark'] as const) {
        for (const [size, viewport] of Object.entries(SIZES)) {
          await using context = await browser.newContext({ colorScheme, viewport, reducedMotion: 'reduce' })
          const page = await context.newPage()
          const complaints = complaintsOf(page)
          const asked = apiCallsOf(page)
          const look = async (what: string): Promise<void> => {
            for (const each of await violationsOf(page)) found.push(`${what}, ${colorScheme}, ${size}: ${each}`)
            await shot(page, `${what}-${colorScheme}-${size}`)
          }
          await page.goto(system.url)
          const places = page.getByRole('region', { name: LIBRARY })
          await places.getByRole('link', { name: 'protected/' }).waitFor()
          assert.deepEqual(await places.getByRole('link').allInnerTexts(), ['protected/', 'public/', 'public/maps/'])
          assert.deepEqual(new Set(await places.locator('.MuiChip-root').allInnerTexts()), new Set(['Read-only']))
          await look('locations')
          await places.getByRole('link', { name: 'public/', exact: true }).click()
          const files = page.getByRole('table', { name: `Files in ${LIBRARY}/public/` })
          await files.getByText('handbook.txt').first().waitFor()
          await files.getByText('handbook.txt').first().click({ button: 'right' })
          assert.equal(await page.getByRole('menu').count(), 0)
          await onlyForReading(page)
          await look('folder')
          await files.getByRole('link', { name: 'maps' }).click()
          await page.getByText('north.txt').first().waitFor()
          await onlyForReading(page)
          // Each question was one for guests, and none was asked again and again.
          assert.deepEqual(complaints, [], `${colorScheme}, ${size}`)
          assert.deepEqual([...new Set(asked.map(({ path }) => path))].sort(), [
            '/auth/signup',
            '/s3/buckets',
            `/s3/list/${LIBRARY}`,
          ])
          assert.ok(asked.length <= 6, JSON.stringify(asked))
        }
      }
      assert.deepEqual(found, [])
    })

    await t.test('a file is downloaded by a deep link; a neighbour is refused', async () => {
      await using context = await browser.newContext({ viewport: SIZES.wide })
      const page = await context.newPage()
      await page.goto(folder('public/'))
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Download handbook.txt' }).click(),
      ])
      assert.equal(await readFile(await download.path(), 'utf8'), 'for all')
      const asked = apiCallsOf(page)
      for (const prefix of ['', 'private/', `private/${await idOf(admin)}/`, 'publi/', 'public2/']) {
        await page.goto(folder(prefix))
        await page.getByText('Guests cannot list this folder.').waitFor()
        assert.equal(await page.getByText('diary').count(), 0)
      }
      await shot(page, 'refused')
      await page.waitForLoadState('networkidle')
      const refused = asked.filter(({ status }) => status !== 200)
      assert.deepEqual([...new Set(refused.map(({ status }) => status))], [403])
      assert.ok(refused.length <= 5, 'each was asked once')
    })

    await t.test('what is for users leads to the sign-in, and from it back to where it began', async () => {
      await using context = await browser.newContext({ viewport: SIZES.wide })
      const page = await context.newPage()
      await page.goto(`${system.url}/activity`)
      await page.getByRole('heading', { name: 'Sign in', level: 1 }).waitFor()
      await page.getByRole('link', { name: 'Continue without signing in' }).click()
      await page.getByRole('link', { name: 'protected/' }).waitFor()

      await page.goto(folder('public/'))
      await page.getByText('handbook.txt').first().waitFor()
      assert.equal(await page.getByRole('button', { name: /Upload/ }).count(), 0)
      // Another tab of the same browser goes on as whoever signs in.
      const other = await context.newPage()
      await other.goto(folder('public/maps/'))
      await other.getByRole('link', { name: 'Sign in' }).waitFor()
      await page.getByRole('link', { name: 'Sign in' }).click()
      await page.getByRole('heading', { name: 'Sign in', level: 1 }).waitFor()
      await shot(page, 'sign-in')
      await fillSignIn(page, system.admin)
      await page.getByRole('button', { name: /^Account of/ }).waitFor()
      assert.equal(page.url(), folder('public/'))
      // Nothing of what a guest may do there is left.
      await page.getByRole('button', { name: 'Upload', exact: true }).waitFor()
      await other.getByRole('button', { name: /^Account of/ }).waitFor()
      await other.getByRole('button', { name: 'Upload', exact: true }).waitFor()
      assert.equal(other.url(), folder('public/maps/'))

      await page.getByRole('button', { name: /^Account of/ }).click()
      await page.getByRole('menuitem', { name: 'Sign out' }).click()
      await page.getByRole('link', { name: 'Continue without signing in' }).click()
      await page.getByRole('link', { name: 'protected/' }).waitFor()
      assert.equal(await page.getByText('private/').count(), 0)
    })

    await t.test('guests stand in the audit log as nobody', async () => {
      const events = await auditEvents(admin, '/audit/logs')
      const of = (key: string, outcome: string): Set<string | null> =>
        new Set(events.filter((each) => each.key === key && each.outcome === outcome).map(({ userId }) => userId))
      assert.deepEqual(of('public/handbook.txt', 'allow'), new Set([await idOf(admin), null]))
      assert.deepEqual(of('private/', 'deny'), new Set([null]))
    })

    await t.test(
      'many requests of guests from one address are refused for a while, and those of users are not',
      async () => {
        const guest = apiOf(system.url, undefined)
        const late = await poll('guests are refused', 30_000, async () => {
          const answers = await Promise.all(Array.from({ length: GUEST_RATE * 5 }, () => guest.get('/s3/buckets')))
          assert.ok(answers.every(({ status }) => status === 200 || status === 429))
          return answers.find(({ status }) => status === 429)
        })
        assert.ok(Number(late.headers['retry-after']) >= 1)
        assert.equal((await admin.get('/s3/buckets')).status, 200)
      },
    )
  } catch (error) {
    for (const [i, page] of browser
      .contexts()
      .flatMap((context) => context.pages())
      .entries()) {
      await shot(page, `failed-${i}`).catch(() => undefined)
    }
    throw error
  }
})

async function idOf(api: Api): Promise<string> {
  return (await api.get('/auth/me')).json<{ id: string }>().id
}

/** Nothing to upload, create, select, copy or delete. */
async function onlyForReading(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Sign in' }).waitFor()
  const offered = page.getByRole('button', { name: /upload|new folder|delete|rename|move|copy|versions|^actions for/i })
  assert.deepEqual(await offered.allInnerTexts(), [])
  assert.equal(await page.getByRole('checkbox').count(), 0)
  assert.equal(await page.getByRole('navigation', { name: 'Pages' }).count(), 0)
}

/** The calls of the API, as they are answered. */
function apiCallsOf(page: Page): { path: string; status: number }[] {
  const calls: { path: string; status: number }[] = []
  page.on('response', (response) => {
    const { pathname } = new URL(response.url())
    if (pathname.startsWith('/api/v1'))
      calls.push({ path: pathname.slice('/api/v1'.length), status: response.status() })
  })
  return calls
}
