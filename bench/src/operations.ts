import { CopyObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { type Api, signInAsAdmin } from '@skycrate/conformance/api.ts'
import { startBrowser } from '@skycrate/conformance/browser.ts'
import { signIn } from '@skycrate/conformance/browser-steps.ts'
import { home } from '@skycrate/conformance/client-steps.ts'
import { poll } from '@skycrate/conformance/poll.ts'
import { storeRootKeys } from '@skycrate/conformance/store-root.ts'
import { startSystem, type System } from '@skycrate/conformance/system.ts'
import { fillFolder } from './fill-folder.ts'
import { peakOf, resetPeak } from './peak-memory.ts'
import { printTable } from './table.ts'
import { requireBrowser } from './require-browser.ts'

/** Files that the bare loop copies, and that the zip file has. */
const SOME = 10_000
const AT_ONCE = 16
/** Milliseconds. */
const LIMIT = 3_600_000

interface Began {
  readonly job: { readonly id: string } | null
}

/**
 * Jobs on a folder of many files, each step decided and recorded, beside a loop that copies with the AWS SDK and asks nobody;
 * and how soon a zip file of a folder begins.
 */
export async function operations(files: number): Promise<void> {
  const executable = requireBrowser()
  await using system = await startSystem()
  const api = await signInAsAdmin(system)
  const { bucket } = await home(api)
  await fillFolder(api, bucket, 'many/', files)
  await fillFolder(api, bucket, 'some/', SOME)

  const rows: (readonly string[])[] = []
  const measure = async (name: string, count: number, work: () => Promise<void>): Promise<void> => {
    resetPeak(system.pid)
    const start = performance.now()
    await work()
    const seconds = (performance.now() - start) / 1000
    const memory = `${Math.round(peakOf(system.pid) / 1e6)} MB`
    rows.push([
      name,
      count.toLocaleString('en'),
      seconds.toFixed(1),
      Math.round(count / seconds).toLocaleString('en'),
      memory,
    ])
  }
  const job = async (path: string, body: object): Promise<void> => {
    const answer = await api.post(path, body)
    if (answer.status > 202) throw new Error(answer.text)
    const began = answer.json<Began & { readonly id?: string }>()
    await ended(api, began.id ?? began.job?.id ?? '')
  }
  const from = (prefix: string) => ({ bucket, prefix })
  await measure('a bare loop of CopyObject', SOME, () => copyBare(system, bucket))
  await measure('copy', files, () => job('/s3/copy', { from: from('many/'), to: from('copied/') }))
  await measure('move', files, () => job('/s3/move', { from: from('copied/'), to: from('moved/') }))
  await measure('delete', files, () => job('/s3/delete', { bucket, prefixes: ['moved/'] }))
  await measure('restore', files, () => job('/s3/restore-deleted', { bucket, prefixes: ['moved/'] }))
  printTable(
    ['what', 'files', 'seconds', 'files a second', 'most memory of the server and its store'],
    rows,
    `Files of one byte on the embedded store. The bare loop has ${AT_ONCE} copies under way.`,
  )

  await using browser = await startBrowser(executable)
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } })
  // As the dialog of the operating system would answer.
  await page.addInitScript(chooseWithoutDialog)
  await signIn(page, system, '/files')
  await page.getByRole('button', { name: 'Actions for some' }).click()
  const first = page.waitForResponse((response) => response.url().startsWith(system.s3Url))
  const start = performance.now()
  await page.getByRole('menuitem', { name: 'Download' }).click()
  await first
  process.stdout.write(
    `\nA zip file of ${SOME.toLocaleString('en')} files: its first file came after ${Math.round(performance.now() - start)} ms.\n`,
  )
}

const chooseWithoutDialog = (): void => {
  Object.assign(window, {
    showSaveFilePicker: async ({ suggestedName }: { suggestedName: string }) => {
      const root = await navigator.storage.getDirectory()
      return root.getFileHandle(suggestedName, { create: true })
    },
  })
}

async function copyBare(system: System, bucket: string): Promise<void> {
  const credentials = await storeRootKeys(system)
  const client = new S3Client({ endpoint: system.s3Url, region: 'us-east-1', forcePathStyle: true, credentials })
  let next = 0
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let at = next++; at < SOME; at = next++) {
        const name = `file ${String(at).padStart(7, '0')}.txt`
        const CopySource = encodeURI(`${bucket}/some/${name}`)
        await client.send(new CopyObjectCommand({ Bucket: bucket, Key: `bare/${name}`, CopySource }))
      }
    }),
  )
  client.destroy()
}

async function ended(api: Api, id: string): Promise<void> {
  await poll(`job ${id} ends`, LIMIT, async () => {
    const { state, error } = (await api.get(`/jobs/${id}`)).json<{ state: string; error?: unknown }>()
    if (state === 'failed' || state === 'cancelled') throw new Error(`job ${id}: ${state}, ${JSON.stringify(error)}`)
    return state === 'done'
  })
}
