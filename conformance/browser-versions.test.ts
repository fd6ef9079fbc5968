import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { signInAsAdmin } from './api.ts'
import { findBrowser, startBrowser } from './browser.ts'
import { complaintsOf, signIn } from './browser-steps.ts'
import { download, home, upload } from './client-steps.ts'
import { startSystem } from './system.ts'

const browserPath = findBrowser()
const skip = browserPath === undefined ? 'a browser: apt-get install --no-install-recommends chromium' : false

test('deletions and replacements are undone, and a version is restored', { skip, timeout: 180_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'skycrate-versions-'))
  await using system = await startSystem()
  await using browser = await startBrowser(browserPath!)
  const api = await signInAsAdmin(system)
  const { bucket } = await home(api)
  await upload(api, bucket, 'plan.txt', 'first')
  try {
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } })
    const complaints = complaintsOf(page)
    await signIn(page, system)
    const table = page.getByRole('table', { name: 'Files in Your files' })
    const undo = page.getByRole('button', { name: 'Undo' })

    await table.getByRole('button', { name: 'Delete plan.txt' }).click()
    await page.getByText('Nothing here yet').waitFor()
    await undo.click()
    await table.getByText('plan.txt').waitFor()
    assert.equal((await download(api, bucket, 'plan.txt')).toString(), 'first')
    await undo.waitFor({ state: 'detached' })

    const path = join(folder, 'plan.txt')
    await writeFile(path, 'second, by replacing')
    await page.getByLabel('Files to upload').setInputFiles([path])
    await page
      .getByRole('dialog', { name: 'This file exists already' })
      .getByRole('button', { name: 'Replace' })
      .click()
    await page.getByText('Replaced plan.txt').waitFor()
    assert.equal((await download(api, bucket, 'plan.txt')).toString(), 'second, by replacing')
    await undo.click()
    await undo.waitFor({ state: 'detached' })
    assert.equal((await download(api, bucket, 'plan.txt')).toString(), 'first')

    await page.getByRole('button', { name: 'Close uploads' }).click()
    await table.getByRole('button', { name: 'Actions for plan.txt' }).click()
    await page.getByRole('menuitem', { name: 'Versions' }).click()
    const dialog = page.getByRole('dialog', { name: 'Versions of plan.txt' })
    const lines = dialog.getByRole('listitem')
    await lines.nth(2).waitFor()
    assert.equal(await lines.count(), 3)
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      lines
        .nth(1)
        .getByRole('button', { name: /^Download/ })
        .click(),
    ])
    assert.equal(saved.suggestedFilename(), 'plan.txt')
    await lines
      .nth(1)
      .getByRole('button', { name: /^Restore/ })
      .click()
    await page.getByText('Restored plan.txt').waitFor()
    assert.equal((await download(api, bucket, 'plan.txt')).toString(), 'second, by replacing')
    await lines.nth(3).waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    // The library for uploads tells of each answer that is no success.
    assert.deepEqual(
      complaints.filter((each) => !each.startsWith('[Uppy]')),
      [],
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
