import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { violationsOf } from './axe.ts'
import { signInAsAdmin } from './api.ts'
import { findBrowser, startBrowser } from './browser.ts'
import { complaintsOf, fillSignIn } from './browser-steps.ts'
import { type MailServer, startMailServer, textOf } from './mail-server.ts'
import { poll } from './poll.ts'
import { startSystem } from './system.ts'

const browserPath = findBrowser()
const skip = browserPath === undefined ? 'a browser: apt-get install --no-install-recommends chromium' : false

const ADA = { email: 'ada@example.com', password: 'three wooden lanterns' }
const NEXT = 'four paper lanterns'
const SIZES = { wide: { width: 1400, height: 900 }, phone: { width: 390, height: 844 } } as const

test(
  'people sign up with the code of a mail, and set a forgotten password anew',
  { skip, timeout: 240_000 },
  async () => {
    await using server = await startMailServer()
    const env = {
      SKYCRATE_SMTP_URL: server.url,
      SKYCRATE_SIGN_UP: 'open',
      SKYCRATE_SIGN_UP_DOMAINS: 'example.com, example.org',
    }
    await using system = await startSystem({ env })
    await using browser = await startBrowser(browserPath!)
    const page = await browser.newPage({ viewport: SIZES.wide, reducedMotion: 'reduce' })
    const complaints = complaintsOf(page)
    const look = await looker(page)

    await page.goto(`${system.url}/sign-in`)
    await page.getByRole('link', { name: 'Create an account' }).click()
    await page.getByRole('heading', { name: 'Create an account' }).waitFor()
    await look('sign-up')
    await page.getByLabel('E-mail').fill(ADA.email)
    await page.getByLabel('Your name (optional)').fill('Ada')
    await page.getByLabel('Password', { exact: true }).fill('too short')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText('Enter at least 15 characters').waitFor()
    await page.getByLabel('Password', { exact: true }).fill(ADA.password)
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('heading', { name: 'Check your mail' }).waitFor()
    await look('code')
    const code = await nextCode(server, 1)
    // As people paste it.
    await page.getByLabel('Code').fill(`${code.slice(0, 3)} ${code.slice(3)}`)
    await page.getByRole('button', { name: 'Create the account' }).click()
    await page.getByRole('button', { name: /^Account of/ }).waitFor()

    await page.getByRole('button', { name: /^Account of/ }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.getByRole('link', { name: 'Forgot your password?' }).click()
    await look('forgot-password')
    await page.getByLabel('E-mail').fill(ADA.email)
    await page.getByRole('button', { name: 'Send a code' }).click()
    await page.getByRole('heading', { name: 'Choose a new password' }).waitFor()
    await look('new-password')
    await page.getByLabel('Code').fill(await nextCode(server, 2))
    await page.getByLabel('Password', { exact: true }).fill(NEXT)
    await page.getByLabel('The same password again').fill(NEXT)
    await page.getByRole('button', { name: 'Set the password' }).click()
    await page.getByRole('button', { name: /^Account of/ }).waitFor()

    // Nobody else is told that there is an account: the page is the same, the mail is not.
    const stranger = await browser.newPage()
    await stranger.goto(`${system.url}/sign-up`)
    await stranger.getByLabel('E-mail').fill(ADA.email)
    await stranger.getByLabel('Password', { exact: true }).fill('the password of a stranger')
    await stranger.getByRole('button', { name: 'Continue' }).click()
    await stranger.getByRole('heading', { name: 'Check your mail' }).waitFor()
    await poll('the owner hears of it', 10_000, () => server.mails.length === 3)
    assert.match(textOf(server.mails[2]!), /has an account already/)

    const admin = await browser.newPage({ viewport: SIZES.wide, reducedMotion: 'reduce' })
    await admin.goto(`${system.url}/admin/mail`)
    await fillSignIn(admin, system.admin)
    await admin.getByRole('heading', { name: 'Mail', exact: true }).waitFor()
    await (
      await looker(admin)
    )('mail-smtp')
    await admin.getByLabel('To').fill('ops@example.com')
    await admin.getByRole('button', { name: 'Send', exact: true }).click()
    await poll('the test mail arrives', 10_000, () => server.mails.length === 4)
    assert.deepEqual(complaints, [])
  },
)

test('an administrator reads the outbox where no mail server is configured', { skip, timeout: 120_000 }, async () => {
  await using system = await startSystem()
  await using browser = await startBrowser(browserPath!)
  const api = await signInAsAdmin(system)
  const made = await api.post('/users', { email: 'grace@example.com', invite: true })
  const { invitation } = made.json<{ invitation: { link: string } }>()
  const page = await browser.newPage({ viewport: SIZES.wide, reducedMotion: 'reduce' })
  await page.goto(`${system.url}/admin/mail`)
  await fillSignIn(page, system.admin)
  await page.getByText('grace@example.com').waitFor()
  await (
    await looker(page)
  )('outbox')
  await page
    .getByRole('button', { name: /^Read|Actions|More/ })
    .first()
    .click()
  await page.getByRole('menuitem', { name: 'Read' }).click()
  await page.getByText(invitation.link).waitFor()
  await (
    await looker(page)
  )('mail-dialog')
})

async function nextCode(server: MailServer, nth: number): Promise<string> {
  await poll('the mail arrives', 20_000, () => server.mails.length >= nth)
  const code = /^\d{6}\r?$/m.exec(textOf(server.mails[nth - 1]!))?.[0].trim()
  assert.ok(code !== undefined, textOf(server.mails[nth - 1]!))
  return code
}

/** Looks at a page as everybody may see it: wide and narrow, light and dark. */
async function looker(page: Page): Promise<(what: string) => Promise<void>> {
  const folder = process.env['SKYCRATE_TEST_SCREENSHOTS']
  return async (what) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const [size, viewport] of Object.entries(SIZES)) {
        await page.emulateMedia({ colorScheme })
        await page.setViewportSize(viewport)
        // Colours fade into each other.
        await sleep(400)
        assert.deepEqual(await violationsOf(page), [], `${what}, ${colorScheme}, ${size}`)
        if (folder) await page.screenshot({ path: `${folder}/${what}-${colorScheme}-${size}.png` })
      }
    }
    await page.emulateMedia({ colorScheme: 'light' })
    await page.setViewportSize(SIZES.wide)
  }
}
