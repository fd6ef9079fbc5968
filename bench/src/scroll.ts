import { signInAsAdmin } from '@skycrate/conformance/api.ts'
import { startBrowser } from '@skycrate/conformance/browser.ts'
import { signIn } from '@skycrate/conformance/browser-steps.ts'
import { home } from '@skycrate/conformance/client-steps.ts'
import { startSystem } from '@skycrate/conformance/system.ts'
import { fillFolder } from './fill-folder.ts'
import { median } from './median.ts'
import { printTable } from './table.ts'
import { requireBrowser } from './require-browser.ts'

/** Milliseconds. */
const LIMIT = 600_000
/** Milliseconds of one round. */
const ROUND = 4000

interface Round {
  readonly framesPerSecond: number
  /** Milliseconds. */
  readonly longest: number
  readonly rows: number
}

/**
 * Scrolls through a folder of many files in Chromium, as fast as a person spins a wheel, and counts the frames. The machine
 * has to have nothing else to do.
 */
export async function scroll({
  objects,
  rounds,
}: {
  readonly objects: number
  readonly rounds: number
}): Promise<void> {
  const executable = requireBrowser()
  await using system = await startSystem()
  await using browser = await startBrowser(executable)
  const api = await signInAsAdmin(system)
  const { bucket } = await home(api)
  await fillFolder(api, bucket, 'many/', objects)
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } })
  page.setDefaultTimeout(LIMIT)
  await signIn(page, system, '/files?folder=many%2F')
  const table = page.getByRole('table')
  // An order is only right once all is there.
  await table.getByRole('button', { name: 'Size' }).click()
  await page.locator(`[role="table"][aria-rowcount="${objects + 1}"]`).waitFor()

  const found: Round[] = []
  for (let round = 0; round < rounds; round++) {
    found.push(
      await page.evaluate(async (milliseconds) => {
        const row = document.querySelector<HTMLElement>('[role="row"][data-index]')!
        let scroller = row.parentElement!
        while (scroller.scrollHeight <= scroller.clientHeight) scroller = scroller.parentElement!
        scroller.scrollTop = 0
        const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve))
        const start = await frame()
        let [before, frames, longest, last] = [start, 0, 0, start]
        while (last - start < milliseconds) {
          scroller.scrollTop += 160
          last = await frame()
          frames += 1
          longest = Math.max(longest, last - before)
          before = last
        }
        const rows = Number(document.querySelector<HTMLElement>('[role="row"][data-index]')!.dataset['index'])
        return { framesPerSecond: (frames * 1000) / (last - start), longest, rows }
      }, ROUND),
    )
  }
  printTable(
    ['files in the folder', 'frames a second', 'longest frame', 'rows passed in a round'],
    [
      [
        objects.toLocaleString('en'),
        median(found.map(({ framesPerSecond }) => framesPerSecond)).toFixed(1),
        `${median(found.map(({ longest }) => longest)).toFixed(0)} ms`,
        median(found.map(({ rows }) => rows)).toLocaleString('en'),
      ],
    ],
    `Medians of ${rounds} rounds of ${ROUND / 1000} seconds; 160 pixels a frame, 1400×900, Chromium without a GPU.`,
  )
}
