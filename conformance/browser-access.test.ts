import assert from 'node:assert/strict'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Locator, Page } from 'playwright-core'
import { findBrowser, startBrowser } from './browser.ts'
import { complaintsOf, signIn } from './browser-steps.ts'
import { askStore } from './store-root.ts'
import { startSystem } from './system.ts'

const SHOTS = fileURLToPath(new URL('../artifacts/browser-access/', import.meta.url))

const BUCKET = 'company-files'
const EMAIL = 'grace@example.com'
const NAME = 'Grace Hopper'
const PASSWORD = 'a compiler and a moth'
const GROUP = 'reviewers'
const FILE = 'figures.csv'
const TEXT = 'a,b\n1,2\n'

const browserPath = findBrowser()
const skip = browserPath === undefined ? 'a browser: apt-get install --no-install-recommends chromium' : false

test(
  'in a browser: invite a user, give their group a folder of an existing bucket, see what they do there, and withdraw it',
  { skip, timeout: 180_000 },
  async () => {
    await mkdir(SHOTS, { recursive: true })
    await using system = await startSystem()
    await using browser = await startBrowser(browserPath!)
    // What an operator has before SkyCrate: a bucket that others filled.
    assert.equal((await askStore(system, 'PUT', `/${BUCKET}`)).status, 200)
    for (const key of [`reports/${FILE}`, 'reports/2026/plan.txt', 'secret/salaries.csv', 'readme.txt']) {
      assert.equal((await askStore(system, 'PUT', `/${BUCKET}/${key}`, {}, TEXT)).status, 200)
    }
    const admin = await (await browser.newContext({ viewport: { width: 1400, height: 900 } })).newPage()
    const user = await (await browser.newContext({ viewport: { width: 1400, height: 900 } })).newPage()
    const complaints = { admin: complaintsOf(admin), user: complaintsOf(user) }
    const shot = (page: Page, name: string): Promise<Buffer> => page.screenshot({ path: join(SHOTS, `${name}.png`) })

    try {
      await signIn(admin, system)
      const register = await open(admin, 'Buckets', 'Register', 'Register a bucket')
      await register.getByLabel('Name').fill(BUCKET)
      await register.getByRole('button', { name: 'Register' }).click()
      await admin.getByRole('heading', { name: BUCKET, level: 1 }).waitFor()

      const newGroup = await open(admin, 'Groups', 'New group', 'New group')
      await newGroup.getByLabel('Name').fill(GROUP)
      await newGroup.getByRole('button', { name: 'Create' }).click()
      await newGroup.waitFor({ state: 'detached' })

      const newUser = await open(admin, 'Users', 'New user', 'New user')
      await newUser.getByLabel('E-mail').fill(EMAIL)
      await choose(newUser.getByLabel('Groups'), 'rev', GROUP)
      await newUser.getByRole('button', { name: 'Create' }).click()
      const invitation = admin.getByRole('dialog', { name: `Invite ${EMAIL}` })
      const link = await invitation.getByText(/^http/).innerText()
      await shot(admin, 'invitation')
      await invitation.getByRole('button', { name: 'Done' }).click()
      const row = rowOf(admin, 'Users', EMAIL)
      await row.getByText('Invited').waitFor()
      await row.getByText(GROUP).waitFor()

      const newPermission = await open(admin, 'Permissions', 'New permission', 'New permission')
      await newPermission.getByLabel('Who', { exact: true }).click()
      await admin.getByRole('option', { name: 'A group' }).click()
      await choose(newPermission.getByLabel('Group'), 'rev', GROUP)
      await choose(newPermission.getByLabel('Bucket'), 'comp', BUCKET)
      await newPermission.getByLabel('Folder', { exact: true }).fill('reports/')
      // Told before it is saved.
      await newPermission.getByRole('region', { name: 'What this changes' }).getByText('reports/').first().waitFor()
      await shot(admin, 'permission')
      await newPermission.getByRole('button', { name: 'Create' }).click()
      await rowOf(admin, 'Permissions', GROUP).getByText('reports/').waitFor()

      await user.goto(link)
      await user.getByLabel('Your name').fill(NAME)
      await user.getByLabel('Password', { exact: true }).fill(PASSWORD)
      await user.getByLabel('The same password again').fill(PASSWORD)
      await user.getByRole('button', { name: 'Accept the invitation' }).click()
      await user.getByRole('button', { name: `Account of ${NAME}` }).waitFor()
      for (const page of ['Users', 'Groups', 'Buckets', 'Homes', 'Permissions', 'Audit log']) {
        assert.equal(await user.getByRole('link', { name: page }).count(), 0, `${page} is not offered`)
      }

      await user.getByRole('link', { name: 'Locations' }).click()
      const shared = user.getByRole('region', { name: BUCKET })
      await shared.getByText('Read-only').waitFor()
      assert.deepEqual(await shared.getByRole('link').allInnerTexts(), ['reports/'])
      await shot(user, 'locations')
      await shared.getByRole('link').click()
      const files = user.getByRole('table', { name: `Files in ${BUCKET}/reports/` })
      await files.getByText(FILE).first().waitFor()
      assert.deepEqual(await namesIn(files), ['2026', FILE])
      assert.equal(await user.getByRole('button', { name: /Upload|^Delete/ }).count(), 0, 'only what is allowed')
      await shot(user, 'files')
      const [download] = await Promise.all([
        user.waitForEvent('download'),
        files.getByRole('button', { name: `Download ${FILE}` }).click(),
      ])
      assert.equal(await readFile(await download.path(), 'utf8'), TEXT)
      // What follows is refused, and the browser says so.
      assert.deepEqual(complaints.user, [])
      // Nothing beside or above it, whatever the address says.
      for (const prefix of ['', 'secret/']) {
        await user.goto(`${new URL(link).origin}/locations/${BUCKET}?prefix=${encodeURIComponent(prefix)}`)
        await user.getByText('You have no permission to list this folder.').waitFor()
        assert.equal(await user.getByText(/salaries|readme/).count(), 0)
      }
      await user.goto(`${new URL(link).origin}/locations/${BUCKET}?prefix=reports%2F`)
      await files.getByText(FILE).first().waitFor()

      await admin.getByRole('link', { name: 'Audit log' }).click()
      await choose(admin.getByRole('combobox', { name: 'User' }), 'grace', NAME)
      const log = admin.getByRole('table', { name: 'Audit events' })
      const downloaded = log.getByRole('row').filter({ hasText: 'Download a file' })
      await downloaded.getByText(`reports/${FILE}`).waitFor()
      await downloaded.getByText(NAME, { exact: true }).waitFor()
      await shot(admin, 'audit')
      // Still by name where the address is opened anew.
      await admin.reload()
      await downloaded.getByText(NAME, { exact: true }).waitFor()
      assert.equal(await admin.getByRole('combobox', { name: 'User' }).inputValue(), NAME)

      await admin.getByRole('link', { name: 'Permissions' }).click()
      await rowOf(admin, 'Permissions', GROUP)
        .getByRole('button', { name: /^Actions for/ })
        .click()
      await admin.getByRole('menuitem', { name: 'Delete' }).click()
      const deleting = admin.getByRole('dialog', { name: 'Delete this permission?' })
      await deleting.getByText('reports/').first().waitFor()
      await shot(admin, 'withdrawing')
      await deleting.getByRole('button', { name: 'Delete' }).click()
      await deleting.waitFor({ state: 'detached' })

      await files.getByRole('button', { name: `Download ${FILE}` }).click()
      await user.getByRole('alert').filter({ hasText: 'permission' }).waitFor()
      await shot(user, 'refused')
      await user.getByRole('link', { name: 'Locations' }).click()
      await user.reload()
      await user.getByRole('heading', { name: 'Locations' }).waitFor()
      await user.getByText('The whole bucket').waitFor()
      assert.equal(await shared.count(), 0, 'gone from the locations')

      await admin.getByRole('link', { name: 'Audit log' }).click()
      await log
        .getByRole('row')
        .filter({ hasText: NAME })
        .filter({ hasText: `reports/${FILE}` })
        .filter({ hasText: 'Refused' })
        .waitFor()
      await log.getByRole('row').filter({ hasText: 'Delete a permission' }).waitFor()
      assert.deepEqual(complaints.admin, [])
    } catch (error) {
      await shot(admin, 'failed-admin').catch(() => undefined)
      await shot(user, 'failed-user').catch(() => undefined)
      throw error
    }
  },
)

const rowOf = (page: Page, table: string, text: string): Locator =>
  page.getByRole('table', { name: table }).getByRole('row').filter({ hasText: text })

/** Opens a dialog of a page of the navigation. */
async function open(page: Page, link: string, button: string, dialog: string): Promise<Locator> {
  await page.getByRole('link', { name: link }).click()
  await page.getByRole('button', { name: button, exact: true }).click()
  return page.getByRole('dialog', { name: dialog })
}

/** Types into a field that searches, and takes what it finds. */
async function choose(field: Locator, typed: string, found: string): Promise<void> {
  await field.fill(typed)
  await field.page().getByRole('option', { name: found }).click()
}

async function namesIn(table: Locator): Promise<string[]> {
  const rows = await table
    .getByRole('row')
    .filter({ has: table.page().getByRole('cell') })
    .all()
  return Promise.all(rows.map((row) => row.locator('[title]').first().innerText()))
}
