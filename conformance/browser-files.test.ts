import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { violationsOf } from './axe.ts'
import { signInAsAdmin } from './api.ts'
import { findBrowser, startBrowser } from './browser.ts'
import { complaintsOf, signIn } from './browser-steps.ts'
import { download, home, list, upload } from './client-steps.ts'
import { poll } from './poll.ts'
import { startSystem } from './system.ts'

const browserPath = findBrowser()
const skip = browserPath === undefined ? 'a browser: apt-get install --no-install-recommends chromium' : false
const SHOTS = process.env['SKYCRATE_TEST_SHOTS'] ?? join(tmpdir(), 'skycrate-shots-files')
const WITHIN_MS = 60_000

test(
  'folders are created, renamed, copied, moved and deleted, by mouse and by keys, and deletions are undone',
  { skip, timeout: 300_000 },
  async () => {
    mkdirSync(SHOTS, { recursive: true })
    await using system = await startSystem()
    await using browser = await startBrowser(browserPath!)
    const api = await signInAsAdmin(system)
    const { bucket } = await home(api)
    for (const key of ['a.txt', 'b.txt', 'c.txt', 'd.txt', 'photos/1.jpg', 'photos/deep/2.jpg', 'trailing ']) {
      await upload(api, bucket, key, `bytes of ${key}`)
    }
    const keys = async (): Promise<string[]> => (await list(api, bucket)).objects.map(({ key }) => key)
    const untilKeys = (what: string, wanted: readonly string[]): Promise<boolean> =>
      poll(what, WITHIN_MS, async () => JSON.stringify(await keys()) === JSON.stringify(wanted))

    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } })
    page.setDefaultTimeout(WITHIN_MS)
    const complaints = complaintsOf(page)
    await signIn(page, system)
    const table = page.getByRole('table', { name: 'Files in Your files' })
    const tray = page.getByRole('region', { name: 'Operations' })
    const dialog = page.getByRole('dialog')
    const look = async (name: string): Promise<void> => {
      await page.screenshot({ path: join(SHOTS, `${name}.png`) })
      assert.deepEqual(await violationsOf(page), [], name)
    }

    await page.getByRole('button', { name: 'New folder' }).click()
    await dialog.getByLabel('Name').fill('a/b')
    await page.keyboard.press('Enter')
    await dialog.getByText('A name has no / and no \\.').waitFor()
    await dialog.getByLabel('Name').fill('papers')
    await look('new-folder')
    await page.keyboard.press('Enter')
    await table.getByRole('link', { name: 'papers' }).waitFor()

    // F2 renames what has the focus, with everything in it.
    await table.getByRole('link', { name: 'photos' }).focus()
    await page.keyboard.press('F2')
    await dialog.getByLabel('Name').fill('pictures')
    await page.keyboard.press('Enter')
    await table.getByRole('link', { name: 'pictures' }).waitFor()
    await tray.getByText('Moved photos').waitFor()
    await look('renamed')

    // A range by Shift and arrows, one more by Ctrl and a click, moved together.
    await table.getByRole('button', { name: 'a.txt', exact: true }).focus()
    await page.keyboard.press('Shift+ArrowDown')
    await table.getByText('d.txt').click({ modifiers: ['Control'] })
    await page.getByText('3 selected').waitFor()
    await look('selected')
    await page.getByRole('toolbar').getByRole('button', { name: 'Move' }).click()
    await dialog.getByRole('button', { name: 'papers' }).click()
    await look('move')
    await dialog.getByRole('button', { name: 'Move here' }).click()
    await untilKeys('three files were moved', [
      'c.txt',
      'papers/',
      'papers/a.txt',
      'papers/b.txt',
      'papers/d.txt',
      'pictures/1.jpg',
      'pictures/deep/2.jpg',
      'trailing ',
    ])
    await table.getByText('b.txt').waitFor({ state: 'detached' })
    await page.getByText('3 selected').waitFor({ state: 'detached' })

    // A name that is taken: nothing is replaced until somebody says so.
    await upload(api, bucket, 'a.txt', 'another')
    await page.reload()
    await table.getByRole('button', { name: 'Actions for a.txt' }).click()
    await page.getByRole('menuitem', { name: 'Copy' }).click()
    await dialog.getByRole('button', { name: 'papers' }).click()
    await dialog.getByRole('button', { name: 'Copy here' }).click()
    await dialog.getByText('There is a file of this name already').waitFor()
    await look('taken')
    assert.equal((await download(api, bucket, 'papers/a.txt')).toString(), 'bytes of a.txt')
    await dialog.getByRole('button', { name: 'Keep both' }).click()
    await tray.getByText('Copied a.txt').waitFor()
    assert.equal((await download(api, bucket, 'papers/a (1).txt')).toString(), 'another')

    // Among several it is told once the job has looked.
    await table.getByRole('checkbox', { name: 'Select a.txt' }).click()
    await table.getByRole('checkbox', { name: 'Select c.txt' }).click()
    await page.getByRole('toolbar').getByRole('button', { name: 'Copy' }).click()
    await dialog.getByRole('button', { name: 'papers' }).click()
    await dialog.getByRole('button', { name: 'Copy here' }).click()
    await tray.getByRole('button', { name: 'Skip' }).click()
    await tray.getByText(/1 skipped/).waitFor()
    assert.equal((await download(api, bucket, 'papers/c.txt')).toString(), 'bytes of c.txt')
    await page.getByRole('button', { name: 'Clear the selection' }).click()

    // Everything by Ctrl+A, less one by its box; Delete says how much goes, and Undo brings it back.
    const before = await keys()
    await table.getByRole('button', { name: 'c.txt', exact: true }).focus()
    await page.keyboard.press('Control+a')
    await table.getByRole('checkbox', { name: 'Select c.txt' }).click()
    await table.getByRole('button', { name: 'a.txt', exact: true }).focus()
    await page.keyboard.press('Delete')
    await dialog.getByText(/files?, .* will be deleted for everyone/).waitFor()
    await look('delete')
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click()
    await untilKeys('all but one was deleted', ['c.txt'])
    await page.getByRole('button', { name: 'Undo' }).click()
    await untilKeys('it was all brought back', before)
    await table.getByRole('link', { name: 'pictures' }).waitFor()
    await table.getByRole('button', { name: 'a.txt', exact: true }).focus()
    await page.keyboard.press('Control+a')
    await page.keyboard.press('Escape')
    await page.getByRole('toolbar').waitFor({ state: 'detached' })
    assert.notEqual(await page.evaluate(() => document.activeElement?.tagName), 'BODY')

    for (const [colorScheme, width, height] of [
      ['dark', 1400, 900],
      ['light', 390, 844],
      ['dark', 390, 844],
    ] as const) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height })
      await table.getByRole('checkbox', { name: 'Select c.txt' }).check()
      await look(`files-${colorScheme}-${width}`)
      await page.getByRole('button', { name: 'Clear the selection' }).click()
    }
    // The browser tells of each answer that is no success.
    assert.deepEqual(
      complaints.filter((each) => !/status of 4(09|12)/.test(each)),
      [],
    )
  },
)
