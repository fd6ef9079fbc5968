import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { signInAsAdmin } from './api.ts'
import { violationsOf } from './axe.ts'
import { findBrowser, startBrowser, stillness } from './browser.ts'
import { complaintsOf, signIn } from './browser-steps.ts'
import { download, home, list, upload } from './client-steps.ts'
import { poll } from './poll.ts'
import { startSystem } from './system.ts'

const browserPath = findBrowser()
const skip = browserPath === undefined ? 'a browser: apt-get install --no-install-recommends chromium' : false
const SHOTS = process.env['SKYCRATE_TEST_SHOTS'] ?? join(tmpdir(), 'skycrate-shots-ways')
const WITHIN_MS = 60_000

test(
  'files are copied, cut, pasted, dragged and restored by keys, mouse and menu',
  { skip, timeout: 300_000 },
  async (t) => {
    mkdirSync(SHOTS, { recursive: true })
    await using system = await startSystem()
    await using browser = await startBrowser(browserPath!)
    const api = await signInAsAdmin(system)
    const home_ = await home(api)
    const { bucket } = home_
    for (const key of ['a.txt', 'b.txt', 'c.txt', 'papers/old.txt', 'photos/1.jpg']) {
      await upload(api, bucket, key, `bytes of ${key}`)
    }
    const untilKeys = (what: string, wanted: readonly string[]): Promise<boolean> =>
      poll(what, WITHIN_MS, async () => {
        const found = (await list(api, bucket)).objects.map(({ key }) => key)
        return JSON.stringify(found) === JSON.stringify(wanted)
      })
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } })
    page.setDefaultTimeout(WITHIN_MS)
    const complaints = complaintsOf(page)
    await signIn(page, system)
    const table = page.getByRole('table')
    const dialog = page.getByRole('dialog')
    const file = (name: string) => table.getByRole('button', { name, exact: true })
    const folder = (name: string) => table.getByRole('link', { name, exact: true })
    const look = async (name: string): Promise<void> => {
      await stillness(page)
      await page.screenshot({ path: join(SHOTS, `${name}.png`) })
      assert.deepEqual(await violationsOf(page), [], name)
    }

    await t.test('Ctrl+C and Ctrl+V copy, also into an empty folder and beside the original', async () => {
      await file('a.txt').focus()
      await page.keyboard.press('Control+c')
      await page.getByText('Copied a.txt. Paste with Ctrl+V in another folder.').waitFor()
      await folder('papers').focus()
      // Enter opens a folder.
      await page.keyboard.press('Enter')
      await file('old.txt').waitFor()
      assert.notEqual(await focused(page), 'BODY')
      await page.keyboard.press('Control+v')
      await file('a.txt').waitFor()
      await page.keyboard.press('Control+v')
      await dialog.getByText('a.txt is already there', { exact: false }).waitFor()
      await look('taken-by-paste')
      await dialog.getByRole('button', { name: 'Keep both' }).click()
      await file('a (1).txt').waitFor()
      await page.goBack()
      await file('a.txt').waitFor()
      await page.keyboard.press('Control+v')
      await file('a (1).txt').waitFor()
      await untilKeys('copies are there', [
        'a (1).txt',
        'a.txt',
        'b.txt',
        'c.txt',
        'papers/a (1).txt',
        'papers/a.txt',
        'papers/old.txt',
        'photos/1.jpg',
      ])
    })

    await t.test('Ctrl+X and Ctrl+V move what is selected', async () => {
      await file('b.txt').focus()
      await page.keyboard.press('Shift+ArrowDown')
      await page.getByText('2 selected').waitFor()
      await page.keyboard.press('Control+x')
      await folder('photos').click()
      await file('1.jpg').waitFor()
      await page.keyboard.press('Control+v')
      await file('c.txt').waitFor()
      await page.getByRole('link', { name: 'Your files' }).first().click()
      await untilKeys('two files were moved', [
        'a (1).txt',
        'a.txt',
        'papers/a (1).txt',
        'papers/a.txt',
        'papers/old.txt',
        'photos/1.jpg',
        'photos/b.txt',
        'photos/c.txt',
      ])
      await file('b.txt').waitFor({ state: 'detached' })
    })

    await t.test('a row is dragged onto a folder', async () => {
      await file('a (1).txt').dragTo(folder('photos'))
      await file('a (1).txt').waitFor({ state: 'detached' })
      await untilKeys('it was moved', [
        'a.txt',
        'papers/a (1).txt',
        'papers/a.txt',
        'papers/old.txt',
        'photos/1.jpg',
        'photos/a (1).txt',
        'photos/b.txt',
        'photos/c.txt',
      ])
    })

    await t.test('the right button opens a menu, keys too, and Escape gives the focus back', async () => {
      await file('a.txt').click({ button: 'right' })
      const menu = page.getByRole('menu', { name: 'Actions for a.txt' })
      await menu.getByRole('menuitem', { name: 'Rename' }).waitFor()
      await look('context-menu')
      await page.keyboard.press('Escape')
      await menu.waitFor({ state: 'detached' })
      assert.equal(
        await page.evaluate(() => document.activeElement?.closest('[data-key]')?.getAttribute('data-key')),
        'file a.txt',
      )
      await page.keyboard.press('Shift+F10')
      await menu.getByRole('menuitem', { name: 'Delete' }).click()
      await file('a.txt').waitFor({ state: 'detached' })
      assert.notEqual(await focused(page), 'BODY')
      await page.getByRole('button', { name: 'Undo' }).click()
      await file('a.txt').waitFor()
    })

    await t.test('the trash shows what was deleted by whom, and restores one and many', async () => {
      await file('a.txt').focus()
      await page.keyboard.press('Escape')
      await table.getByRole('checkbox', { name: 'Select photos' }).click()
      await table.getByRole('checkbox', { name: 'Select a.txt' }).click()
      await file('a.txt').focus()
      await page.keyboard.press('Delete')
      await dialog.getByRole('button', { name: 'Delete', exact: true }).click()
      await untilKeys('they are gone', ['papers/a (1).txt', 'papers/a.txt', 'papers/old.txt'])
      // Somebody else works in the same place.
      await upload(api, bucket, 'photos/b.txt', 'another b')
      await page.getByRole('link', { name: 'Trash' }).click()
      const trash = page.getByRole('table', { name: 'Deleted files' })
      const row = (path: string) => trash.getByRole('row').filter({ hasText: path })
      await row('a.txt').first().waitFor()
      await row('1.jpg').getByText(system.admin.email).or(row('1.jpg').getByText('Administrator')).waitFor()
      assert.equal(
        await row('1.jpg')
          .getByRole('cell')
          .filter({ hasText: /2026|20\d\d/ })
          .count(),
        2,
        'when, and until when',
      )
      assert.equal(await trash.getByRole('row').count(), 1 + 4, 'neither what is there again nor what was moved')
      await look('trash')
      await page.getByRole('button', { name: 'Actions for a.txt' }).click()
      await page.getByRole('menuitem', { name: 'Restore' }).click()
      await page.getByText('Restored a.txt').waitFor()
      await trash.getByRole('checkbox', { name: 'Select all' }).click()
      await page.getByRole('toolbar').getByRole('button', { name: 'Restore' }).click()
      await page.getByText('The trash is empty').waitFor()
      await untilKeys('all is back', [
        'a.txt',
        'papers/a (1).txt',
        'papers/a.txt',
        'papers/old.txt',
        'photos/1.jpg',
        'photos/a (1).txt',
        'photos/b.txt',
        'photos/c.txt',
      ])
      assert.equal((await download(api, bucket, 'photos/b.txt')).toString(), 'another b', 'what came since stays')
    })

    await t.test('two people change one folder: each is told, and nothing is lost', async () => {
      const other = await browser.newPage({ viewport: { width: 1400, height: 900 } })
      other.setDefaultTimeout(WITHIN_MS)
      await signIn(other, system, '/files?folder=photos%2F')
      const theirs = other.getByRole('table')
      await theirs.getByRole('button', { name: 'c.txt', exact: true }).waitFor()
      await page.getByRole('link', { name: 'Your files' }).click()
      await folder('photos').click()
      await file('c.txt').focus()
      await page.keyboard.press('F2')
      await dialog.getByLabel('Name').fill('d.txt')
      await page.keyboard.press('Enter')
      await file('d.txt').waitFor()
      // They still see the old name, and give the new one to another file.
      await theirs.getByRole('button', { name: 'b.txt', exact: true }).focus()
      await other.keyboard.press('F2')
      await other.getByRole('dialog').getByLabel('Name').fill('d.txt')
      await other.keyboard.press('Enter')
      await other.getByRole('dialog').getByText('Choose another name.').waitFor()
      await other.keyboard.press('Escape')
      assert.equal((await download(api, bucket, 'photos/d.txt')).toString(), 'bytes of c.txt')
      await other.close()
    })

    const active = (): Promise<string> =>
      page.evaluate(() => document.activeElement?.closest('[data-key]')?.getAttribute('data-key') ?? '')
    const untilActive = (key: string): Promise<unknown> =>
      page.waitForFunction(
        (wanted) => document.activeElement?.closest('[data-key]')?.getAttribute('data-key') === wanted,
        key,
      )

    await t.test('a folder is filtered by name and by kind', async () => {
      for (const name of ['sub/x.txt', 'alpha.txt', 'beta.txt', 'delta.png', 'epsilon.txt', 'eta.txt', 'zeta.txt']) {
        await upload(api, bucket, `greek/${name}`, name)
      }
      await page.goto(`${system.url}/files?folder=greek%2F`)
      await file('alpha.txt').waitFor()
      const shown = page.locator('main [data-key]')
      const toggle = page.getByRole('button', { name: 'Filter this folder' })
      await toggle.click()
      const field = page.getByRole('textbox', { name: 'Filter by name' })
      await field.fill('ETA')
      await page.getByText('3 of 7').waitFor()
      assert.deepEqual(await shown.evaluateAll((all) => all.map((each) => each.getAttribute('data-key'))), [
        'file greek/beta.txt',
        'file greek/eta.txt',
        'file greek/zeta.txt',
      ])
      await look('filter')
      await field.press('Enter')
      await untilActive('file greek/beta.txt')
      // What the filter hides is not among what Ctrl+A selects.
      await page.keyboard.press('Control+a')
      await page.getByText('3 selected').waitFor()
      // What it hides afterwards is selected no longer: neither Delete nor the buttons reach it, nor when it is shown again.
      await field.fill('zeta')
      await page.getByText('1 selected').waitFor()
      await field.fill('eta')
      await page.getByText('3 of 7').waitFor()
      assert.equal(await page.getByText('1 selected').count(), 1)
      await field.fill('')
      await page.getByRole('button', { name: 'Images' }).click()
      await page.getByText('1 of 7').waitFor()
      await field.fill('nothing like it')
      await page.getByText('Nothing in this folder matches the filter.').waitFor()
      await field.press('Escape')
      await page.waitForFunction(() => document.querySelectorAll('main [data-key]').length === 7)
      assert.equal(await field.count(), 0)
    })

    await t.test(
      'letters and arrows move in list and grid, and the grid has the menu and the drag of the list',
      async () => {
        await folder('sub').focus()
        await page.keyboard.press('z')
        await untilActive('file greek/zeta.txt')
        await page.keyboard.press('Home')
        await untilActive('folder greek/sub/')
        await page.getByRole('button', { name: 'Show as pictures' }).click()
        const grid = page.getByRole('region', { name: 'Files in greek' })
        const card = (name: string) => grid.getByRole('button', { name, exact: true })
        const placeOf = () =>
          page.evaluate(() => {
            const { x, y } = document.activeElement!.closest('[data-key]')!.getBoundingClientRect()
            return { x, y }
          })
        await page.setViewportSize({ width: 800, height: 900 })
        await stillness(page)
        await grid.getByRole('link', { name: 'sub' }).focus()
        const first = await placeOf()
        await page.keyboard.press('ArrowRight')
        await untilActive('file greek/alpha.txt')
        const second = await placeOf()
        assert.ok(second.x > first.x && second.y === first.y, 'right is beside it')
        await page.keyboard.press('ArrowDown')
        await poll('the focus moved', WITHIN_MS, async () => (await active()) !== 'file greek/alpha.txt')
        const below = await placeOf()
        assert.ok(below.x === second.x && below.y > second.y, 'down is below it')
        await page.keyboard.press('ArrowUp')
        await untilActive('file greek/alpha.txt')
        // One letter again goes on to the next name.
        await page.keyboard.press('e')
        await untilActive('file greek/epsilon.txt')
        await page.keyboard.press('e')
        await untilActive('file greek/eta.txt')
        await page.keyboard.press('F2')
        await dialog.getByLabel('Name').waitFor()
        await page.keyboard.press('Escape')
        await dialog.waitFor({ state: 'detached' })
        await card('alpha.txt').click({ modifiers: ['ControlOrMeta'] })
        await page.getByText('1 selected').waitFor()
        await card('beta.txt').click({ modifiers: ['Shift'] })
        await page.getByText('2 selected').waitFor()
        await look('grid-selected')
        await grid.getByRole('link', { name: 'sub' }).focus()
        await page.keyboard.press('Escape')
        await card('eta.txt').click({ button: 'right' })
        await page
          .getByRole('menu', { name: 'Actions for eta.txt' })
          .getByRole('menuitem', { name: 'Rename' })
          .waitFor()
        await page.keyboard.press('Escape')
        await page.getByRole('menu').waitFor({ state: 'detached' })
        await page.keyboard.press('Escape')
        await card('zeta.txt').dragTo(grid.getByRole('link', { name: 'sub' }))
        await card('zeta.txt').waitFor({ state: 'detached' })
        await poll('it was moved', WITHIN_MS, async () =>
          (await list(api, bucket)).objects.some(({ key }) => key === 'greek/sub/zeta.txt'),
        )
        await page.getByRole('button', { name: 'Show as a list' }).click()
        await page.setViewportSize({ width: 1400, height: 900 })
      },
    )

    await t.test('the details of a file tell its metadata, and its tags are changed there', async () => {
      await page.goto(`${system.url}/files?folder=greek%2F`)
      const open = async (): Promise<void> => {
        await page.getByRole('button', { name: 'Actions for alpha.txt', exact: true }).click()
        await page.getByRole('menuitem', { name: 'Details' }).click()
      }
      await open()
      await dialog.getByText('None.', { exact: true }).waitFor()
      await dialog.getByRole('button', { name: 'Add tags' }).click()
      await dialog.getByLabel('Name', { exact: true }).fill('project')
      await dialog.getByLabel('Value').fill('apollo!')
      await dialog.getByRole('button', { name: 'Save tags' }).click()
      await dialog.getByText('has a character that tags cannot have').waitFor()
      await dialog.getByLabel('Value').fill('apollo')
      await dialog.getByRole('button', { name: 'Another tag' }).click()
      await look('tags-form')
      await dialog.getByRole('button', { name: 'Save tags' }).click()
      await dialog.getByText('project: apollo').waitFor()
      await look('details')
      await page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'detached' })
      await open()
      await dialog.getByText('project: apollo').waitFor()
      const tags = async (): Promise<unknown> =>
        (await api.get(`/s3/metadata/${bucket}/greek/alpha.txt`)).json<{ tags: unknown }>().tags
      assert.deepEqual(await tags(), [{ key: 'project', value: 'apollo' }])
      // Somebody else changes them while one types: both are seen, and nothing that was typed is lost.
      await dialog.getByRole('button', { name: 'Edit tags' }).click()
      await dialog.getByLabel('Value').fill('gemini')
      const theirs = [{ key: 'owner', value: 'bob' }]
      assert.equal((await api.put(`/s3/tags/${bucket}/greek/alpha.txt`, { tags: theirs })).status, 200)
      await dialog.getByRole('button', { name: 'Save tags' }).click()
      await dialog.getByText('Somebody else changed the tags', { exact: false }).waitFor()
      await dialog.getByText('owner: bob').waitFor()
      await look('tags-changed')
      assert.deepEqual(await tags(), theirs)
      assert.equal(await dialog.getByLabel('Value').inputValue(), 'gemini')
      await dialog.getByRole('button', { name: 'Save tags' }).click()
      await dialog.getByText('project: gemini').waitFor()
      assert.deepEqual(await tags(), [{ key: 'project', value: 'gemini' }])
      await page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'detached' })
    })

    await t.test('an empty folder is deleted, and brought back', async () => {
      assert.equal((await api.post('/s3/folder', { bucket, key: 'greek/void/' })).status, 201)
      await page.reload()
      await folder('void').focus()
      await page.keyboard.press('Delete')
      await dialog.getByRole('button', { name: 'Delete', exact: true }).click()
      await folder('void').waitFor({ state: 'detached' })
      await poll('the store has no more of it', 60_000, async () => {
        const { objects } = await list(api, bucket)
        return !objects.some(({ key }) => key === 'greek/void/')
      })
      await page.getByRole('button', { name: 'Undo' }).click()
      await folder('void').waitFor()
    })

    await t.test('a tree of folders opens level by level, by mouse and keys, and takes what is dragged', async () => {
      await upload(api, bucket, 'tree/one/deep/x.txt', 'x')
      await upload(api, bucket, 'tree/two/y.txt', 'y')
      await page.goto(`${system.url}/files?folder=tree%2Ftwo%2F`)
      await file('y.txt').waitFor()
      await page.getByRole('button', { name: 'Folder tree' }).click()
      const tree = page.getByRole('tree', { name: 'Folders' })
      const item = (name: string) => tree.getByRole('treeitem', { name, exact: true })
      const untilItem = (prefix: string): Promise<unknown> =>
        page.waitForFunction(
          (wanted) => document.activeElement?.getAttribute('data-folder') === wanted,
          `${home_.prefix}${prefix}`,
        )
      await item('two').and(page.locator('[aria-selected="true"]')).waitFor()
      assert.equal(await item('one').getAttribute('aria-expanded'), 'false', 'only what lies around it is open')
      assert.equal(await item('deep').count(), 0)
      // One stop of Tab, at the folder that is shown.
      await tree.focus()
      await untilItem('tree/two/')
      await page.keyboard.press('ArrowUp')
      await untilItem('tree/one/')
      await page.keyboard.press('ArrowRight')
      await item('deep').waitFor()
      await page.keyboard.press('ArrowRight')
      await untilItem('tree/one/deep/')
      await look('tree')
      await page.keyboard.press('ArrowLeft')
      await untilItem('tree/one/')
      await page.keyboard.press('ArrowLeft')
      await item('deep').waitFor({ state: 'detached' })
      await page.keyboard.press('t')
      await untilItem('tree/two/')
      await page.keyboard.press('Home')
      await untilItem('')
      await page.keyboard.press('End')
      await untilItem('tree/two/')
      await page.keyboard.press('ArrowUp')
      await untilItem('tree/one/')
      await page.keyboard.press('Enter')
      await folder('deep').waitFor()
      await untilItem('tree/one/')
      await page.keyboard.press('Tab')
      assert.equal(await page.evaluate(() => document.activeElement?.closest('[role="tree"]') === null), true)
      await item('two').getByRole('link').click()
      await file('y.txt').dragTo(item('one').getByRole('link'))
      await file('y.txt').waitFor({ state: 'detached' })
      await poll('it was moved', WITHIN_MS, async () =>
        (await list(api, bucket)).objects.some(({ key }) => key === 'tree/one/y.txt'),
      )
      // What is open is remembered by the tab, and that there is a tree by the browser.
      await item('one').locator('[data-toggle]').click()
      await item('deep').waitFor()
      await page.goto(`${system.url}/files`)
      await item('deep').waitFor()
      await page.setViewportSize({ width: 390, height: 844 })
      await tree.waitFor({ state: 'detached' })
      assert.equal(await page.getByRole('button', { name: 'Folder tree' }).count(), 0)
      await page.setViewportSize({ width: 1400, height: 900 })
      await page.getByRole('button', { name: 'Folder tree' }).click()
      await tree.waitFor({ state: 'detached' })
    })

    await t.test('what is starred and what was used last is found again, also where it is gone', async () => {
      await page.getByRole('link', { name: 'Your files' }).first().click()
      for (const name of ['papers', 'a.txt']) {
        await page.getByRole('button', { name: `Actions for ${name}`, exact: true }).click()
        await page.getByRole('menuitem', { name: 'Star', exact: true }).click()
        await table.getByRole('row').filter({ hasText: name }).getByRole('img', { name: 'Starred' }).waitFor()
      }
      await page.getByRole('link', { name: 'Starred' }).click()
      const stars = page.getByRole('table', { name: 'Starred files and folders' })
      await stars.getByRole('link', { name: 'a.txt' }).waitFor()
      await look('starred')
      await stars.getByRole('link', { name: 'papers' }).click()
      await file('old.txt').waitFor()
      await page.getByRole('link', { name: 'Starred' }).click()
      await stars.getByRole('link', { name: 'papers' }).focus()
      await page.keyboard.press('Delete')
      await stars.getByRole('link', { name: 'papers' }).waitFor({ state: 'detached' })
      // A star follows its file.
      await page.getByRole('link', { name: 'Your files' }).first().click()
      for (const [name, next] of [
        ['a.txt', 'renamed.txt'],
        ['renamed.txt', 'a.txt'],
      ] as const) {
        await file(name).focus()
        await page.keyboard.press('F2')
        await dialog.getByLabel('Name').fill(next)
        await page.keyboard.press('Enter')
        await table.getByRole('row').filter({ hasText: next }).getByRole('img', { name: 'Starred' }).waitFor()
      }
      await page.getByRole('link', { name: 'Starred' }).click()
      // A file opens in its folder.
      await stars.getByRole('link', { name: 'a.txt' }).click()
      await dialog.getByText('bytes of a.txt').waitFor()
      await page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'detached' })
      await page.getByRole('link', { name: 'Recent' }).click()
      await page.getByRole('table', { name: 'Recent files' }).getByRole('link', { name: 'a.txt' }).first().waitFor()
      await look('recent')
      await page.goto(`${system.url}/files?file=nowhere.txt`)
      await page.getByText('nowhere.txt is not here any more.').waitFor()
    })

    await t.test('by touch a folder is opened, files are selected, and each has its menu', async () => {
      await using context = await browser.newContext({
        viewport: { width: 390, height: 844 },
        hasTouch: true,
        isMobile: true,
      })
      const phone = await context.newPage()
      phone.setDefaultTimeout(WITHIN_MS)
      await signIn(phone, system)
      const rows = phone.getByRole('table')
      await rows.getByRole('link', { name: 'photos', exact: true }).tap()
      await rows.getByRole('button', { name: 'd.txt', exact: true }).waitFor()
      await rows.getByRole('checkbox', { name: 'Select b.txt' }).tap()
      await rows.getByRole('checkbox', { name: 'Select d.txt' }).tap()
      await phone.getByText('2 selected').waitFor()
      // What the row itself has no room for is in its menu.
      assert.equal(await rows.getByRole('button', { name: 'Delete d.txt' }).count(), 0)
      await rows.getByRole('button', { name: 'Actions for d.txt', exact: true }).tap()
      await phone.getByRole('menuitem', { name: 'Delete' }).waitFor()
      await phone.keyboard.press('Escape')
      await phone.getByRole('menu').waitFor({ state: 'detached' })
      await rows.getByRole('button', { name: 'd.txt', exact: true }).tap()
      await phone.getByRole('dialog').getByText('bytes of c.txt').waitFor()
    })

    for (const [colorScheme, width, height] of [
      ['dark', 1400, 900],
      ['light', 390, 844],
      ['dark', 390, 844],
    ] as const) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height })
      await look(`folder-${colorScheme}-${width}`)
      await page.goto(`${system.url}/trash`)
      await page.getByText('The trash is empty').waitFor()
      await look(`trash-${colorScheme}-${width}`)
      for (const path of ['starred', 'recent']) {
        await page.goto(`${system.url}/${path}`)
        await page.getByRole('table').getByRole('link', { name: 'a.txt' }).first().waitFor()
        await look(`${path}-${colorScheme}-${width}`)
      }
      await page.goto(`${system.url}/files?folder=photos%2F`)
      await file('d.txt').waitFor()
    }
    // The browser tells of each answer that is no success.
    assert.deepEqual(
      complaints.filter((each) => !/status of 4(00|09|12)/.test(each)),
      [],
    )
  },
)

async function focused(page: Page): Promise<string> {
  // The next frame, after what watches the document had its turn.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
  return page.evaluate(() => document.activeElement?.tagName ?? 'BODY')
}
