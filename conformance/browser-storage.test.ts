import assert from 'node:assert/strict'
import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Api, signInAsAdmin } from './api.ts'
import { violationsOf } from './axe.ts'
import { findBrowser, startBrowser } from './browser.ts'
import { complaintsOf, signIn } from './browser-steps.ts'
import { home, upload } from './client-steps.ts'
import { poll } from './poll.ts'
import { startSystem } from './system.ts'

const SHOTS = fileURLToPath(new URL('../artifacts/browser-storage/', import.meta.url))
/** On a machine that does much else. */
const WITHIN_MS = 60_000

/** A thousand times what Amazon S3 takes for storage, so that a few files are worth an advice. */
const PRICES = {
  name: 'Test prices',
  date: '2026-11-01',
  source: 'https://example.com/',
  currency: 'USD',
  defaultRegion: 'us-east-1',
  regions: {
    'us-east-1': {
      STANDARD: { perGBMonth: 23, perThousandPuts: 0.005, perThousandGets: 0.0004 },
      GLACIER_IR: {
        perGBMonth: 4,
        perThousandGets: 0.01,
        perThousandTransitions: 0.02,
        perGBRetrieved: 0.03,
        minimumDays: 90,
        minimumBytes: 131_072,
      },
    },
  },
}

const browserPath = findBrowser()
const skip = browserPath === undefined ? 'a browser: apt-get install --no-install-recommends chromium' : false

async function take(api: Api, bucket: string): Promise<void> {
  const { id } = (await api.post('/storage/inventories', { bucket })).json<{ id: string }>()
  await poll('the inventory is done', WITHIN_MS, async () => {
    const { state } = (await api.get(`/jobs/${id}`)).json<{ state: string }>()
    assert.notEqual(state, 'failed')
    return state === 'done'
  })
}

test(
  'in a browser: what is stored, where and what it costs; a folder is looked into',
  { skip, timeout: 180_000 },
  async () => {
    await mkdir(SHOTS, { recursive: true })
    await using folder = await mkdtempDisposable(join(tmpdir(), 'skycrate-prices-'))
    const prices = join(folder.path, 'prices.json')
    await writeFile(prices, JSON.stringify(PRICES))
    await using system = await startSystem({ env: { SKYCRATE_PRICES: prices } })
    await using browser = await startBrowser(browserPath!)
    const api = await signInAsAdmin(system)
    const { bucket } = await home(api)
    for (const [key, size] of [
      ['photos/moon.jpg', 400_000],
      ['photos/raw/moon.dng', 900_000],
      ['reports/2026.pdf', 250_000],
      ['copy of 2026.pdf', 250_000],
    ] as const) {
      await upload(api, bucket, key, 'x'.repeat(size))
    }
    // Before the first count, a person has their own locations counted.
    const first = await browser.newPage({ viewport: { width: 1400, height: 900 } })
    await signIn(first, system)
    await first.goto(`${system.url}/storage`)
    await first.getByRole('heading', { name: 'Nothing was counted yet' }).waitFor()
    await first.getByRole('button', { name: 'Count now' }).click()
    await first.getByText('4, 1.8 MB').waitFor()
    await first.close()
    await take(api, bucket)

    for (const [path, heading] of [
      ['/storage', 'Storage'],
      ['/admin/storage', 'Storage and cost'],
    ] as const) {
      for (const [name, colorScheme, viewport] of [
        ['light', 'light', { width: 1400, height: 900 }],
        ['dark', 'dark', { width: 1400, height: 900 }],
        ['phone', 'light', { width: 390, height: 844 }],
      ] as const) {
        const context = await browser.newContext({ colorScheme, viewport, reducedMotion: 'reduce' })
        const page = await context.newPage()
        const complaints = complaintsOf(page)
        await signIn(page, system)
        await page.goto(system.url + path)
        await page.getByRole('heading', { name: heading, level: 1, exact: true }).waitFor()
        await page.getByRole('heading', { name: 'A month now' }).waitFor()
        await page.getByText('4, 1.8 MB').waitFor()
        await page.getByRole('group', { name: /^Space taken, by size/ }).waitFor()
        assert.deepEqual(await violationsOf(page), [], `${path}, ${name}`)
        await page.screenshot({ path: join(SHOTS, `${heading}-${name}.png`) })
        await page.getByRole('heading', { name: 'Duplicates' }).scrollIntoViewIfNeeded()
        await page.screenshot({ path: join(SHOTS, `${heading}-${name}-end.png`) })

        const homeName = path === '/storage' ? 'Your files' : 'Home of Administrator'
        await page.getByRole('button', { name: homeName, exact: true }).click()
        await page.getByRole('row', { name: /^photos\/ 2 1\.3 MB/ }).waitFor()
        await page.getByRole('button', { name: 'photos/', exact: true }).click()
        await page.getByRole('row', { name: /^raw\/ 1 900 KB/ }).waitFor()
        await page.getByRole('button', { name: 'Up' }).click()
        await page.getByRole('row', { name: /^reports\// }).waitFor()
        assert.deepEqual(complaints, [], `${path}, ${name}`)
        await context.close()
      }
    }

    // Advice is applied, shown with what it saved, and undone.
    const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, reducedMotion: 'reduce' })
    const page = await context.newPage()
    const complaints = complaintsOf(page)
    const rules = async (): Promise<unknown[]> =>
      (await api.get(`/storage/rules/default/${bucket}`)).json<{ rules: unknown[] }>().rules
    await signIn(page, system)
    await page.goto(`${system.url}/admin/storage`)
    await page.getByRole('button', { name: 'Apply…' }).first().click()
    const dialog = page.getByRole('dialog', { name: 'Apply this rule?' })
    await dialog.getByText(`${bucket} then has 1 rule of SkyCrate`).waitFor()
    assert.deepEqual(await violationsOf(page), [], 'the dialog')
    await dialog.getByRole('button', { name: 'Apply', exact: true }).click()
    await page.getByText(`Applied a rule to ${bucket}`).waitFor()
    assert.equal((await rules()).length, 1)
    await page.getByRole('heading', { name: 'Applied rules' }).waitFor()
    await page.getByText('What it saves is measured with the next counts.').waitFor()
    await page.getByText('Applied', { exact: true }).waitFor()
    assert.equal(await page.getByRole('button', { name: 'Apply…' }).count(), 0)
    await page.getByRole('heading', { name: 'Applied rules' }).scrollIntoViewIfNeeded()
    await page.screenshot({ path: join(SHOTS, 'applied.png') })
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText(/, taken back /).waitFor()
    assert.deepEqual(await rules(), [])

    // The class of a file is changed by a job.
    await page.goto(`${system.url}/files`)
    await page.getByRole('button', { name: 'Actions for copy of 2026.pdf' }).click()
    await page.getByRole('menuitem', { name: 'Storage class' }).click()
    const choosing = page.getByRole('dialog', { name: 'Storage class of copy of 2026.pdf' })
    await choosing.getByRole('combobox', { name: 'Class' }).click()
    await page.getByRole('option', { name: 'Glacier Instant Retrieval' }).click()
    await choosing.getByText(/^\$4\.00 per GB a month\. At least 90 days are paid for\./).waitFor()
    assert.deepEqual(await violationsOf(page), [], 'the class dialog')
    await page.screenshot({ path: join(SHOTS, 'class.png') })
    await choosing.getByRole('button', { name: 'Change' }).click()
    await page.getByText('Changed the class of copy of 2026.pdf').waitFor()
    const { objects } = (await api.get(`/s3/list/${bucket}?prefix=copy`)).json<{
      objects: { storageClass: string }[]
    }>()
    assert.equal(objects[0]?.storageClass, 'GLACIER_IR')
    assert.deepEqual(complaints, [])
    await context.close()
  },
)
