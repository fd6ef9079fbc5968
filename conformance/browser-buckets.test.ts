import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { signInAsAdmin } from './api.ts'
import { findBrowser, startBrowser } from './browser.ts'
import { complaintsOf, signIn } from './browser-steps.ts'
import { home, upload } from './client-steps.ts'
import { startSystem } from './system.ts'

const SHOTS = fileURLToPath(new URL('../artifacts/browser-buckets/', import.meta.url))

const browserPath = findBrowser()
const skip = browserPath === undefined ? 'a browser: apt-get install --no-install-recommends chromium' : false

test(
  'in a browser: create a bucket and watch it, see who may use it and what it holds, delete it by its name; end a home',
  { skip, timeout: 120_000 },
  async () => {
    await mkdir(SHOTS, { recursive: true })
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const key = { id: 'K2JCJMDEHXQW5F', privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) }
    await using system = await startSystem({ env: { SKYCRATE_CDN_KEYS: JSON.stringify([key]) } })
    await using browser = await startBrowser(browserPath!)
    const api = await signInAsAdmin(system)
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } })
    const complaints = complaintsOf(page)
    const shot = (name: string): Promise<Buffer> => page.screenshot({ path: join(SHOTS, `${name}.png`) })
    const name = 'browser-made-files'

    await signIn(page, system)
    await page.getByRole('link', { name: 'Buckets' }).click()
    await page.getByRole('button', { name: 'Create' }).click()
    const creating = page.getByRole('dialog', { name: 'Create a bucket' })
    await creating.getByLabel('Name').fill(name)
    await creating.getByLabel('Days to keep old versions (optional)').fill('90')
    await creating.getByRole('button', { name: 'Create' }).click()
    await page.getByRole('heading', { name, level: 1 }).waitFor()
    await page.getByText('Ready', { exact: true }).waitFor()
    await page.getByText('Old versions are kept for 90 days').waitFor()
    for (const aim of ['No public access', 'Encrypted', 'Versioned']) {
      await page.getByRole('listitem').filter({ hasText: aim }).getByText('Met', { exact: true }).waitFor()
    }
    await shot('ready')

    const delivery = page.getByRole('region', { name: 'Delivery' })
    await delivery.getByRole('button', { name: 'Change' }).click()
    const delivering = page.getByRole('dialog', { name: 'Delivery' })
    await delivering.getByLabel('URL of CloudFront (optional)').fill('http://cdn.example.com')
    await delivering.getByLabel('Key id').fill(key.id)
    await delivering.getByRole('button', { name: 'Save' }).click()
    await delivering.getByText(/must be https:\/\/ and a host name/i).waitFor()
    await delivering.getByLabel('URL of CloudFront (optional)').fill('https://cdn.example.com')
    await shot('delivery')
    await delivering.getByRole('button', { name: 'Save' }).click()
    await delivery.getByText('https://cdn.example.com').waitFor()

    const permission = { principal: { kind: 'everyone' }, bucket: name, prefix: 'shared/', actions: ['read', 'write'] }
    assert.equal((await api.post('/permissions', permission)).status, 201)
    await page.getByRole('button', { name: 'Refresh' }).click()
    await page.getByRole('heading', { name: 'Who may use it (1)' }).waitFor()
    await page.getByText('Everyone signed in').waitFor()
    await upload(api, name, 'shared/a.txt', 'four')
    await page.getByRole('button', { name: 'Count', exact: true }).click()
    await page.getByText('1 object', { exact: true }).waitFor()

    const daily = page.getByRole('region', { name: 'Daily count' })
    await daily.getByText('None: SkyCrate lists the bucket').waitFor()
    await daily.getByRole('button', { name: 'Count now' }).click()
    await daily.getByText('+1 object, +4 B').waitFor()
    await daily.getByRole('button', { name: 'Use files' }).click()
    const files = page.getByRole('dialog', { name: 'Inventory files' })
    await files.getByLabel('Bucket of the files (optional)').fill('no-such-inventories')
    await files.getByLabel('Folder').fill('daily/all')
    await files.getByRole('button', { name: 'Save' }).click()
    await daily.getByText('no-such-inventories/daily/all/').waitFor()
    await daily
      .getByRole('alert')
      .getByText(/The store has no bucket no-such-inventories/)
      .waitFor()
    await shot('inventory-files')

    await page.getByRole('button', { name: 'Delete…' }).click()
    const deleting = page.getByRole('dialog', { name: `Delete ${name}?` })
    const confirm = deleting.getByRole('button', { name: 'Delete', exact: true })
    assert.ok(await confirm.isDisabled(), 'without the typed name')
    await deleting.getByLabel(`Type ${name} to confirm`).fill(name)
    await confirm.click()
    await deleting.getByText(/not empty/).waitFor()
    await deleting.getByLabel(/with all objects/).check()
    await shot('deleting')
    await confirm.click()
    // Back to the list once it is gone.
    await page.getByRole('heading', { name: 'Buckets', level: 1 }).waitFor()
    assert.equal((await api.get(`/buckets/default/${name}`)).status, 404)

    const { bucket } = await home(api)
    await page.getByRole('link', { name: 'Homes' }).click()
    const row = page.getByRole('table', { name: 'Homes' }).getByRole('row').filter({ hasText: bucket })
    await row.getByText('Ready').waitFor()
    await row.getByRole('button', { name: /^Actions for/ }).click()
    await page.getByRole('menuitem', { name: 'Delete…' }).click()
    const ending = page.getByRole('dialog', { name: /^Delete the home of/ })
    await ending.getByLabel('Keep them for administrators.').check()
    await ending.getByRole('button', { name: 'Delete the home' }).click()
    await page.getByText('No home yet').waitFor()
    await page.getByRole('link', { name: 'Buckets' }).click()
    const kept = page.getByRole('table', { name: 'Buckets' }).getByRole('row').filter({ hasText: bucket })
    await kept.getByText('Created here').waitFor()
    await shot('kept')
    // The refusals that are expected: the invalid URL, the bucket that was not empty, and the bucket that was gone.
    assert.deepEqual(
      complaints.filter((text) => !/status of (400|404|409)/.test(text)),
      [],
    )
  },
)
