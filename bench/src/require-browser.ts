import { findBrowser } from '@skycrate/conformance/browser.ts'

/** @throws where there is no Chromium, with how to get it */
export function requireBrowser(): string {
  const executable = findBrowser()
  if (executable !== undefined) return executable
  throw new Error('There is no Chromium: apt-get install --no-install-recommends chromium')
}
