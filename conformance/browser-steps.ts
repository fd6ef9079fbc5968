import type { Page } from 'playwright-core'
import type { System } from './system.ts'

/** Signs in at the page that is open, or at the first one. */
export async function signIn(page: Page, system: System, path = '/'): Promise<void> {
  await page.goto(system.url + path)
  await fillSignIn(page, system.admin)
  await page.getByRole('button', { name: /^Account of/ }).waitFor()
}

export async function fillSignIn(
  page: Page,
  who: { readonly email: string; readonly password: string },
): Promise<void> {
  await page.getByLabel('E-mail').fill(who.email)
  await page.getByLabel('Password', { exact: true }).fill(who.password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

/** As the operating system does it when a person drags files or folders over the window, and lets go of them. */
export async function drag(
  page: Page,
  paths: readonly string[],
  types: readonly ('dragEnter' | 'dragOver' | 'drop')[] = ['dragEnter', 'dragOver', 'drop'],
): Promise<void> {
  const session = await page.context().newCDPSession(page)
  for (const type of types) {
    await session.send('Input.dispatchDragEvent', {
      type,
      x: 700,
      y: 400,
      data: { items: [], files: [...paths], dragOperationsMask: 1 },
    })
  }
  await session.detach()
}

/** What the browser complains of, as it comes: console errors and warnings, and uncaught exceptions. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  return complaints
}
