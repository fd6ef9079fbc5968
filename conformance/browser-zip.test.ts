import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { type AuditEvent, signInAsAdmin } from './api.ts'
import { violationsOf } from './axe.ts'
import { findBrowser, startBrowser } from './browser.ts'
import { complaintsOf, signIn } from './browser-steps.ts'
import { home, remove, upload } from './client-steps.ts'
import { startSystem } from './system.ts'

const browserPath = findBrowser()
const skip = browserPath === undefined ? 'a browser: apt-get install --no-install-recommends chromium' : false
const SHOTS = process.env['SKYCRATE_TEST_SHOTS'] ?? join(tmpdir(), 'skycrate-shots-zip')
const WITHIN_MS = 60_000
const FILES = 200

/** What is unzipped, by its path; folders end in '/'. */
function unzipped(path: string): Map<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'skycrate-unzipped-'))
  try {
    // Python's reads names and Zip64 as their specification says.
    execFileSync('python3', [
      '-c',
      'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])',
      path,
      folder,
    ])
    return new Map(
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) =>
        statSync(join(folder, name)).isDirectory()
          ? [`${name}/`, '']
          : [name, readFileSync(join(folder, name), 'utf8')],
      ),
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** As the dialog of the operating system would answer, which no test can: the file is the browser's own and real. */
const chooseWithoutDialog = (): void => {
  Object.assign(window, {
    showSaveFilePicker: async ({ suggestedName }: { suggestedName: string }) => {
      const root = await navigator.storage.getDirectory()
      return root.getFileHandle(suggestedName, { create: true })
    },
  })
}

const withoutPicker = (): void => {
  Reflect.deleteProperty(window, 'showSaveFilePicker')
}

async function savedIn(page: Page, name: string): Promise<Buffer> {
  const text = await page.evaluate(async (file) => {
    const root = await navigator.storage.getDirectory()
    const bytes = new Uint8Array(await (await (await root.getFileHandle(file)).getFile()).arrayBuffer())
    return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  }, name)
  return Buffer.from(text, 'latin1')
}

test(
  'a folder comes as a zip file, each file decided on and recorded, and no name leads out of it',
  { skip, timeout: 300_000 },
  async () => {
    mkdirSync(SHOTS, { recursive: true })
    await using system = await startSystem()
    await using browser = await startBrowser(browserPath!)
    const api = await signInAsAdmin(system)
    const { bucket } = await home(api)
    const bodies = new Map<string, string>()
    const put = async (key: string, name: string): Promise<void> => {
      const body = `bytes of ${key}`
      await upload(api, bucket, key, body)
      bodies.set(name, body)
    }
    const ordinary = Array.from({ length: FILES - 8 }, (_, at) => `photos/${at % 7}/picture ${at}.jpg`)
    for (let at = 0; at < ordinary.length; at += 16) {
      await Promise.all(ordinary.slice(at, at + 16).map((key) => put(key, key)))
    }
    await put('photos/été/日本語 🎉.txt', 'photos/été/日本語 🎉.txt')
    await put('photos//etc/passwd', 'photos/_/etc/passwd')
    await put('photos/.../up', 'photos/___/up')
    await put('photos/C:autoexec.bat', 'photos/C_autoexec.bat')
    await put('photos/<img src=x onerror=alert(1)>', 'photos/_img src=x onerror=alert(1)_')
    await put('photos/A.txt', 'photos/A.txt')
    await put('photos/a.txt', 'photos/a (1).txt')
    await put('photos/gone.txt', 'photos/gone.txt')
    await upload(api, bucket, 'photos/empty/', '')
    await upload(api, bucket, 'other.txt', 'not chosen')

    const shows = async (page: Page): Promise<void> => {
      await signIn(page, system)
      const table = page.getByRole('table', { name: 'Files in Your files' })
      await table.getByRole('button', { name: 'Actions for photos' }).click()
      await page.getByRole('menuitem', { name: 'Download' }).click()
    }
    const tray = (page: Page) => page.getByRole('region', { name: 'Downloads' })
    const compare = (zip: Map<string, string>): void => {
      const files = new Map([...zip].filter(([name]) => !name.endsWith('/')))
      assert.deepEqual([...files.keys()].toSorted(), [...bodies.keys()].toSorted())
      for (const [name, body] of bodies) assert.equal(files.get(name), body, name)
      assert.ok(zip.has('photos/empty/'), 'an empty folder is one')
    }

    // Without the dialog, as in Firefox and Safari: through the browser's own disk.
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 }, acceptDownloads: true })
    page.setDefaultTimeout(WITHIN_MS)
    await page.addInitScript(withoutPicker)
    const complaints = complaintsOf(page)
    const [download] = await Promise.all([page.waitForEvent('download'), shows(page)])
    assert.equal(download.suggestedFilename(), 'photos.zip')
    const path = await download.path()
    compare(unzipped(path))
    await tray(page).getByText(`${FILES} files`).waitFor()
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme })
      await page.screenshot({ path: join(SHOTS, `zip-${colorScheme}.png`) })
      assert.deepEqual(await violationsOf(page), [])
    }
    const logged = await api.get('/audit/logs?action=object.get&prefix=photos/&limit=1000')
    const keys = new Set(logged.json<{ events: AuditEvent[] }>().events.map(({ key }) => key))
    assert.equal(keys.size, FILES, 'each file is in the audit log')

    // With it: into the file that the person chose, while the bytes arrive. One file disappears after it was listed.
    const second = await browser.newPage({ viewport: { width: 390, height: 844 } })
    second.setDefaultTimeout(WITHIN_MS)
    await second.addInitScript(chooseWithoutDialog)
    await second.route('**/api/v1/s3/presigned-urls', async (route) => {
      await remove(api, bucket, 'photos/gone.txt')
      await route.continue()
    })
    await shows(second)
    await tray(second)
      .getByText(`${FILES - 1} files`)
      .waitFor()
    await tray(second).getByText('Left out 1 file that is gone or may not be downloaded: photos/gone.txt').waitFor()
    await second.screenshot({ path: join(SHOTS, 'zip-phone.png') })
    await tray(second).getByText('Downloaded', { exact: true }).waitFor()
    const folder = mkdtempSync(join(tmpdir(), 'skycrate-zip-'))
    writeFileSync(join(folder, 'photos.zip'), await savedIn(second, 'photos.zip'))
    bodies.delete('photos/gone.txt')
    compare(unzipped(join(folder, 'photos.zip')))
    rmSync(folder, { recursive: true, force: true })
    assert.deepEqual(complaints, [])
  },
)
