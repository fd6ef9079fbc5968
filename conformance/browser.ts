import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'

const PLACES = [
  process.env['SKYCRATE_TEST_BROWSER'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/** The Chromium of this machine; undefined where there is none. */
export function findBrowser(): string | undefined {
  return PLACES.find((path) => path !== undefined && existsSync(path))
}

/** A real browser that talks to nobody on its own account. */
export function startBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

/** Resolves once nothing fades or moves any more: colours between two states are not those of the page. */
export async function stillness(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const endless = (animation: Animation): boolean =>
      animation.effect?.getComputedTiming().iterations === Number.POSITIVE_INFINITY
    const running = (): Animation[] => document.getAnimations().filter((animation) => !endless(animation))
    for (let left = running(); left.length > 0; left = running()) {
      await Promise.allSettled(left.map((animation) => animation.finished))
    }
  })
}
