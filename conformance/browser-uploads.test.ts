import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { findBrowser, startBrowser } from './browser.ts'
import { complaintsOf, drag, signIn } from './browser-steps.ts'
import { signInAsAdmin } from './api.ts'
import { request } from './http.ts'
import { startSystem, type System } from './system.ts'

const browserPath = findBrowser()
const skip = browserPath === undefined ? 'a browser: apt-get install --no-install-recommends chromium' : false

test('no upload replaces a file that the person did not choose to replace', { skip, timeout: 300_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'skycrate-uploads-'))
  await using system = await startSystem()
  await using browser = await startBrowser(browserPath!)
  const home = await homeOf(system)
  try {
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } })
    page.setDefaultTimeout(60_000)
    await signIn(page, system)
    await page.getByText('Nothing here yet').waitFor()

    // Written by somebody else after the page was loaded: the page does not know of it.
    await home.put('plan.txt', 'theirs')
    await choose(page, folder, [['plan.txt', 'mine']])
    const dialog = page.getByRole('dialog', { name: 'This file exists already' })
    await dialog.getByText('plan.txt').waitFor()
    assert.equal(
      await page.evaluate(() => document.activeElement?.textContent),
      'Skip',
      'Enter by habit replaces nothing',
    )
    await dialog.getByRole('button', { name: 'Skip' }).click()
    await dialog.waitFor({ state: 'detached' })
    assert.equal(await home.get('plan.txt'), 'theirs')

    await choose(page, folder, [['plan.txt', 'mine']])
    await dialog.getByRole('button', { name: 'Keep both' }).click()
    await page.getByRole('table').getByText('plan (1).txt').waitFor()
    assert.deepEqual([await home.get('plan.txt'), await home.get('plan (1).txt')], ['theirs', 'mine'])

    // The next free name is found, although the first one is taken, too.
    await choose(page, folder, [['plan.txt', 'again']])
    await dialog.getByRole('button', { name: 'Keep both' }).click()
    await page.getByRole('table').getByText('plan (2).txt').waitFor()

    await choose(page, folder, [['plan.txt', 'newer']])
    await dialog.getByRole('button', { name: 'Replace' }).click()
    await uploaded(page)
    assert.equal(await home.get('plan.txt'), 'newer')

    // One answer for all: what is new goes up, what is there stays.
    await home.put('photos/1.jpg', 'one')
    await home.put('photos/2.jpg', 'two')
    const photos = join(folder, 'photos')
    await mkdir(photos)
    for (const name of ['1.jpg', '2.jpg', '3.jpg', '.DS_Store', 'Thumbs.db', 'Icon\r']) {
      await writeFile(join(photos, name), `mine ${name}`)
    }
    // As macOS writes it: e and a combining accent.
    await writeFile(join(photos, 'Re\u0301sume\u0301.txt'), 'composed')
    const sent: string[] = []
    page.on('request', (each) => {
      if (each.method() === 'PUT') sent.push(decodeURIComponent(new URL(each.url()).pathname.split('/').at(-1) ?? ''))
    })
    await drag(page, [photos])
    await dialog.waitFor()
    await page.getByText(/Left out 3 files that your system keeps for itself/).waitFor()
    const forAll = dialog.getByRole('checkbox')
    if (!(await forAll.isChecked())) await forAll.check()
    await dialog.getByRole('button', { name: 'Skip' }).click()
    await dialog.waitFor({ state: 'detached' })
    await uploaded(page)
    assert.deepEqual(
      sent.toSorted(),
      ['3.jpg', 'R\u00e9sum\u00e9.txt'],
      'what stands in the folder is not sent in vain',
    )
    assert.deepEqual(await home.list('photos/'), [
      'photos/1.jpg',
      'photos/2.jpg',
      'photos/3.jpg',
      'photos/R\u00e9sum\u00e9.txt',
    ])
    assert.deepEqual([await home.get('photos/1.jpg'), await home.get('photos/2.jpg')], ['one', 'two'])

    // Two people put files of the same names into one folder at once: each name has one winner, and nobody's bytes are lost.
    const other = await (await browser.newContext({ viewport: { width: 1400, height: 900 } })).newPage()
    other.setDefaultTimeout(60_000)
    await signIn(other, system)
    const both = [page, other].map((each) => ({ page: each, name: each === page ? 'ours' : 'theirs' }))
    for (const each of both) {
      await each.page.goto(`${system.url}/files?folder=shared%2F`)
      await each.page.getByText('Nothing here yet').waitFor()
    }
    const names = Array.from({ length: 20 }, (_, index) => `${index}.txt`)
    await Promise.all(
      both.map((each) =>
        each.page
          .getByLabel('Files to upload')
          .setInputFiles(
            names.map((name) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(`${each.name} ${name}`) })),
          ),
      ),
    )
    await Promise.all(
      both.map(async (each) => {
        const ask = each.page.getByRole('dialog', { name: 'This file exists already' })
        const end = each.page.getByRole('region', { name: 'Uploads' }).getByText('20 uploaded')
        await ask.or(end).first().waitFor()
        if (await ask.isVisible()) {
          if (!(await ask.getByRole('checkbox').isChecked())) await ask.getByRole('checkbox').check()
          await ask.getByRole('button', { name: 'Keep both' }).click()
        }
        await end.waitFor()
      }),
    )
    const kept = await home.list('shared/')
    assert.equal(kept.length, 40, kept.join())
    for (const name of names) {
      const copy = name.replace('.', ' (1).')
      const texts = [await home.get(`shared/${name}`), await home.get(`shared/${copy}`)]
      assert.deepEqual(texts.toSorted(), [`ours ${name}`, `theirs ${name}`])
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('a long name is downloaded under its own name and kind', { skip, timeout: 120_000 }, async () => {
  await using system = await startSystem()
  await using browser = await startBrowser(browserPath!)
  const home = await homeOf(system)
  const names = [`${'a'.repeat(254)}😀`, `${'b'.repeat(300)}.pdf`]
  for (const name of names) await home.put(name, name)
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 }, acceptDownloads: true })
  await signIn(page, system)
  for (const name of names) {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: `Download ${name}`, exact: true }).click(),
    ])
    const given = download.suggestedFilename()
    assert.ok(given.startsWith(name.slice(0, 200)), given)
    assert.equal(given.endsWith('.pdf'), name.endsWith('.pdf'), given)
    assert.ok(given.isWellFormed() && !given.includes('\ufffd'), given)
    await download.delete()
  }
})

test('a name of 1,000 characters with HTML and quotes stays a name', { skip, timeout: 180_000 }, async () => {
  await using system = await startSystem()
  await using browser = await startBrowser(browserPath!)
  const home = await homeOf(system)
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } })
  page.setDefaultTimeout(60_000)
  const complaints = complaintsOf(page)
  await signIn(page, system)
  await page.getByText('Nothing here yet').waitFor()
  const start = `<img src=x onerror="document.title='run'"> "double" 'single' &amp; 100% #1?a=b `
  const long = `${start.padEnd(996, 'n')}.txt`
  // No file system has names this long, folders of other programs' uploads do.
  await page.getByLabel('Files to upload').evaluate(
    (element, names) => {
      const chosen = new DataTransfer()
      for (const name of names) chosen.items.add(new File([name], name))
      ;(element as HTMLInputElement).files = chosen.files
      element.dispatchEvent(new Event('change', { bubbles: true }))
    },
    [long, `${long}${'x'.repeat(100)}`],
  )
  const tray = page.getByRole('region', { name: 'Uploads' })
  // S3 takes keys of 1,024 bytes.
  await tray.getByText('1 failed, 1 uploaded').waitFor()
  await tray.getByText(/more than 1,024 bytes. Give it a shorter name/).waitFor()
  await page.getByRole('table').getByText(long).waitFor()
  assert.deepEqual(await home.list(''), [long])
  assert.equal(await home.get(long), long)
  assert.notEqual(await page.title(), 'run')
  assert.equal(await page.locator('img[src=x]').count(), 0)
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), 'nothing is too wide')
  assert.deepEqual(complaints, [])
})

/** Chooses files by the Upload button. */
async function choose(page: Page, folder: string, files: readonly (readonly [name: string, text: string])[]) {
  const paths = files.map(([name]) => join(folder, name))
  for (const [index, [, text]] of files.entries()) await writeFile(paths[index] ?? '', text)
  await page.getByLabel('Files to upload').setInputFiles(paths)
}

async function uploaded(page: Page): Promise<void> {
  await page
    .getByRole('region', { name: 'Uploads' })
    .getByText(/^\d+ uploaded$/)
    .waitFor()
}

/** The administrator's home, by the API and the store alone. */
async function homeOf(system: System) {
  const api = await signInAsAdmin(system)
  const { bucket, prefix } = (await api.get('/home')).json<{ bucket: string; prefix: string }>()
  const vend = async (key: string, operation: 'get' | 'put') => {
    const answer = await api.post('/s3/presigned-url', { bucket, key: `${prefix}${key}`, operation })
    return answer.json<{ url: string }>().url
  }
  return {
    async put(key: string, body: string) {
      assert.equal((await request(await vend(key, 'put'), { method: 'PUT', body })).status, 200)
    },
    get: async (key: string) => (await request(await vend(key, 'get'))).text,
    async list(below: string) {
      const answer = await api.get(`/s3/list/${bucket}?prefix=${encodeURIComponent(prefix + below)}`)
      return answer
        .json<{ objects: { key: string }[] }>()
        .objects.map(({ key }) => key.slice(prefix.length))
        .toSorted()
    },
  }
}
