import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { crc32, deflateSync } from 'node:zlib'
import { signInAsAdmin } from './api.ts'
import { violationsOf } from './axe.ts'
import { findBrowser, startBrowser } from './browser.ts'
import { complaintsOf, signIn } from './browser-steps.ts'
import { home, upload } from './client-steps.ts'
import { startSystem } from './system.ts'

const browserPath = findBrowser()
const skip = browserPath === undefined ? 'a browser: apt-get install --no-install-recommends chromium' : false
const SHOTS = process.env['SKYCRATE_TEST_SHOTS'] ?? join(tmpdir(), 'skycrate-shots-preview')
const WITHIN_MS = 60_000

/** Marks the page if it ever runs. */
const ATTACK = "document.documentElement.dataset.attacked='yes';top.document.documentElement.dataset.attacked='yes'"

const HTML = `<!doctype html><title>Hostile</title><script>${ATTACK}</script><img src=x onerror="${ATTACK}"><h1>Hello</h1>`

const SVG = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40" onload="${ATTACK}"><script>${ATTACK}</script>
  <circle cx="20" cy="20" r="16" fill="#1d4ed8"/><foreignObject width="40" height="40"><body xmlns="http://www.w3.org/1999/xhtml"
  ><img src="x" onerror="${ATTACK}"/></body></foreignObject></svg>`

const MARKDOWN = `# Plan

<script>${ATTACK}</script>
<img src=x onerror="${ATTACK}">

[click](javascript:${ATTACK.replaceAll(';', '%3B')}) [inside](/profile) [outside](https://example.com/)

![tracker](https://example.com/pixel.png)

- [x] done

| a | b |
|---|---|
| 1 | 2 |
`

/** The file that a hostile person would like to be opened as a page: a name with HTML, too. */
const NAME = `<img src=x onerror="${ATTACK}">.html`

/** A page of a PDF with one line of text, and an action that a viewer with scripts would run. */
function pdf(text: string): Buffer {
  const stream = `BT /F1 24 Tf 60 700 Td (${text}) Tj ET`
  const objects = [
    '<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>',
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>',
    `<</Length ${stream.length}>>\nstream\n${stream}\nendstream`,
    '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
  ]
  let body = '%PDF-1.4\n'
  const offsets = objects.map((object, index) => {
    const at = body.length
    body += `${index + 1} 0 obj\n${object}\nendobj\n`
    return at
  })
  const table = offsets.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('')
  return Buffer.from(
    `${body}xref\n0 6\n0000000000 65535 f \n${table}trailer<</Size 6/Root 1 0 R>>\nstartxref\n${body.length}\n%%EOF\n`,
    'latin1',
  )
}

/** A red square of 64 by 64 pixels. */
function png(): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data])
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    sum.writeUInt32BE(crc32(body))
    return Buffer.concat([length, body, sum])
  }
  const header = Buffer.from([0, 0, 0, 64, 0, 0, 0, 64, 8, 2, 0, 0, 0])
  const line = Buffer.concat([Buffer.from([0]), Buffer.alloc(64 * 3, Buffer.from([220, 38, 38]))])
  const pixels = deflateSync(Buffer.concat(Array.from({ length: 64 }, () => line)))
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))])
}

/** Half a second of silence. */
function wav(): Buffer {
  const samples = 4000
  const header = Buffer.alloc(44)
  header.write('RIFF', 0)
  header.writeUInt32LE(36 + samples, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(8000, 24)
  header.writeUInt32LE(8000, 28)
  header.writeUInt16LE(1, 32)
  header.writeUInt16LE(8, 34)
  header.write('data', 36)
  header.writeUInt32LE(samples, 40)
  return Buffer.concat([header, Buffer.alloc(samples, 128)])
}

test(
  'files are seen without leaving their folder, and nothing that they hold runs',
  { skip, timeout: 300_000 },
  async () => {
    mkdirSync(SHOTS, { recursive: true })
    await using system = await startSystem()
    await using browser = await startBrowser(browserPath!)
    const api = await signInAsAdmin(system)
    const { bucket } = await home(api)
    const files: readonly (readonly [name: string, body: string | Buffer, type: string])[] = [
      ['a.png', png(), 'image/png'],
      ['b.svg', SVG, 'image/svg+xml'],
      ['c.pdf', pdf('Quarterly figures'), 'text/html'],
      ['d.wav', wav(), 'audio/wav'],
      ['e.md', MARKDOWN, 'text/markdown'],
      ['f.csv', `name,sum\n"<b>Smith, Ann</b>",3\nBob,4\n`, 'text/csv'],
      ['g.html', HTML, 'text/html'],
      ['h.ts', `// A comment\nexport const answer: number = 42\nconst text = 'a string'\n`, 'text/html'],
      ['i.log', `${'A line of the log.\n'.repeat(40_000)}the end`, 'text/plain'],
      ['j.zip', Buffer.from('PK\x03\x04'), 'text/html'],
      ['k', Buffer.from([1, 2, 0, 3]), 'text/html'],
      ['l.pdf', HTML, 'text/html'],
      ['m.png', HTML, 'text/html'],
      [NAME, HTML, 'text/html'],
    ]
    for (const [name, body, type] of files) await upload(api, bucket, name, body, type)

    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } })
    page.setDefaultTimeout(WITHIN_MS)
    const complaints = complaintsOf(page)
    const elsewhere: string[] = []
    page.on('request', (request) => {
      const { protocol, origin } = new URL(request.url())
      if (protocol.startsWith('http') && origin !== system.url && origin !== system.s3Url) elsewhere.push(request.url())
    })
    await signIn(page, system)
    const table = page.getByRole('table', { name: 'Files in Your files' })
    const dialog = page.getByRole('dialog')
    const attacked = (): Promise<boolean> => page.evaluate(() => document.documentElement.dataset['attacked'] === 'yes')
    const look = async (name: string): Promise<void> => {
      for (const colorScheme of ['dark', 'light'] as const) {
        await page.emulateMedia({ colorScheme })
        await page.screenshot({ path: join(SHOTS, `${name}-${colorScheme}.png`) })
        assert.deepEqual(await violationsOf(page), [], `${name}, ${colorScheme}`)
      }
      assert.equal(await attacked(), false, name)
    }
    const next = async (heading: string): Promise<void> => {
      await page.keyboard.press('ArrowRight')
      await dialog.getByRole('heading', { name: heading, exact: true, level: 2 }).waitFor()
    }
    const shownImage = (name: string): Promise<unknown> =>
      page.waitForFunction((alt) => {
        const image = document.querySelector<HTMLImageElement>(`[role="dialog"] img[alt="${alt}"]`)
        return image?.complete === true && image.naturalWidth > 0
      }, name)

    await table.getByRole('button', { name: 'a.png', exact: true }).click()
    await shownImage('a.png')
    await dialog.getByText(/2 of 14/).waitFor()
    await look('image')
    await next('b.svg')
    await shownImage('b.svg')
    await look('svg')
    await next('c.pdf')
    await dialog.getByText('Quarterly figures').waitFor({ state: 'attached' })
    await look('pdf')
    await next('d.wav')
    await page.waitForFunction(() => (document.querySelector('audio')?.duration ?? 0) > 0.4)
    await look('audio')
    await next('e.md')
    await dialog.getByRole('heading', { name: 'Plan' }).waitFor()
    await look('markdown')
    const links = await dialog
      .getByRole('link')
      .evaluateAll((all) => all.map((each) => (each as HTMLAnchorElement).href))
    assert.deepEqual(links, ['https://example.com/'], 'links lead out of the app only')
    await next('f.csv')
    await dialog.getByRole('cell', { name: '<b>Smith, Ann</b>' }).waitFor()
    await look('csv')
    await next('g.html')
    await dialog.getByText('<h1>Hello</h1>').waitFor()
    await look('html')
    await next('h.ts')
    await dialog.locator('.hljs-keyword').first().waitFor()
    await look('code')
    await next('i.log')
    await dialog.getByText('Only the first 512 KB are shown').waitFor()
    assert.equal(await dialog.getByText('the end').count(), 0, 'the rest was not fetched')
    await next('j.zip')
    await dialog.getByText('This kind of file has no preview.').waitFor()
    await next('k')
    await dialog.getByText('This kind of file has no preview.').waitFor()
    await look('none')
    await next('l.pdf')
    await dialog.getByText('This file is not a valid PDF.').waitFor()
    await next('m.png')
    await dialog.getByText('Your browser cannot show this file.').waitFor()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowLeft')
    await dialog.getByText(/13 of 14/).waitFor()

    // Escape closes, and the keyboard is where it was.
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await page.waitForFunction(() => document.activeElement?.textContent === 'a.png')

    // Sorted by size, largest first, the neighbours are those of the table.
    await table.getByRole('button', { name: 'Size' }).click()
    await table.getByRole('button', { name: 'Size' }).click()
    await table.getByRole('row').nth(1).getByText('i.log').waitFor()
    await table.getByRole('button', { name: NAME, exact: true }).click()
    await dialog.getByRole('heading', { name: NAME, exact: true }).waitFor()
    await dialog.getByText('<h1>Hello</h1>').waitFor()
    await look('hostile-name')
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })

    // As pictures: what is an image comes as its thumbnail.
    await page.getByRole('button', { name: 'Show as pictures' }).click()
    const grid = page.getByRole('region', { name: 'Files in Your files' })
    await grid.getByRole('button', { name: 'a.png', exact: true }).waitFor()
    await page.waitForFunction(() => {
      const image = document.querySelector<HTMLImageElement>('[role="region"] img')
      return image?.complete === true && image.naturalWidth > 0
    })
    await look('grid')
    await page.setViewportSize({ width: 390, height: 844 })
    await look('grid-phone')
    await grid.getByRole('button', { name: NAME, exact: true }).click()
    await dialog.getByText('<h1>Hello</h1>').waitFor()
    await look('phone')
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })

    assert.equal(await attacked(), false)
    assert.deepEqual(complaints, [])
    assert.deepEqual(elsewhere, [], 'nobody else hears of it')
  },
)
