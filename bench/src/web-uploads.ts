import { type Api, signInAsAdmin } from '@skycrate/conformance/api.ts'
import { startBrowser } from '@skycrate/conformance/browser.ts'
import { signIn } from '@skycrate/conformance/browser-steps.ts'
import { home } from '@skycrate/conformance/client-steps.ts'
import { startSystem } from '@skycrate/conformance/system.ts'
import { median } from './median.ts'
import { requireBrowser } from './require-browser.ts'
import { rotate } from './rotate.ts'

/** Requests that the bare script has under way: as many as a browser opens to one host. */
const AT_ONCE = 6
const SMALL = 10_000
const ROUNDS = 3
/** Milliseconds. */
const LIMIT = 600_000

interface Signed {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Of the file. */
  readonly from: number
  readonly to: number
  readonly name: string
}

/**
 * The web app's uploads beside a bare script in the same page of the same browser, which sends the same files by URLs that
 * were vended before the clock started.
 */
export async function webUploads({ files, size }: { readonly files: number; readonly size: number }): Promise<void> {
  const executable = requireBrowser()
  await using system = await startSystem()
  await using browser = await startBrowser(executable)
  const api = await signInAsAdmin(system)
  const { bucket } = await home(api)
  const page = await browser.newPage()
  page.setDefaultTimeout(LIMIT)
  await signIn(page, system)
  await page.getByRole('button', { name: 'Upload folder' }).waitFor()

  await page.evaluate(
    async ({ count, small, large }) => {
      const root = await navigator.storage.getDirectory()
      const write = async (folder: FileSystemDirectoryHandle, name: string, bytes: number): Promise<void> => {
        const stream = await (await folder.getFileHandle(name, { create: true })).createWritable()
        const piece = new Uint8Array(Math.min(bytes, 1024 ** 2)).map((_, index) => (index * 7) % 251)
        for (let at = 0; at < bytes; at += piece.length) await stream.write(piece.subarray(0, bytes - at))
        await stream.close()
      }
      const many = await root.getDirectoryHandle('many', { create: true })
      for (let index = 0; index < count; index++) await write(many, `${index}.bin`, small)
      const one = await root.getDirectoryHandle('one', { create: true })
      await write(one, 'large.bin', large)
    },
    { count: files, small: SMALL, large: size },
  )

  let runs = 0
  const byApp = async (folder: 'many' | 'one', count: number): Promise<number> => {
    const place = `app-${(runs += 1)}/`
    await page.goto(`${system.url}/files?folder=${encodeURIComponent(place)}`)
    await page.getByText('Nothing here yet').waitFor()
    await page.evaluate(async (name) => {
      const root = await navigator.storage.getDirectory()
      const handle = await root.getDirectoryHandle(name)
      Object.assign(window, { showDirectoryPicker: () => Promise.resolve(handle) })
    }, folder)
    const start = performance.now()
    await page.getByRole('button', { name: 'Upload folder' }).click()
    await page.getByText(`${count.toLocaleString('en-US')} uploaded`).waitFor()
    return performance.now() - start
  }
  const byScript = async (folder: 'many' | 'one', signed: readonly Signed[]): Promise<number> => {
    const start = performance.now()
    await page.evaluate(
      async ({ name, urls, atOnce }) => {
        const root = await navigator.storage.getDirectory()
        const handle = await root.getDirectoryHandle(name)
        const waiting = [...urls]
        const worker = async (): Promise<void> => {
          for (let next = waiting.shift(); next; next = waiting.shift()) {
            const file = await (await handle.getFileHandle(next.name)).getFile()
            const body = file.slice(next.from, next.to)
            const answer = await fetch(next.url, { method: 'PUT', headers: next.headers, body })
            if (!answer.ok) throw new Error(`S3 answered ${answer.status}`)
            next.etag = answer.headers.get('etag') ?? ''
          }
        }
        await Promise.all(Array.from({ length: atOnce }, worker))
      },
      { name: folder, urls: signed.map((each) => ({ ...each, etag: '' })), atOnce: AT_ONCE },
    )
    return performance.now() - start
  }

  const results = new Map<string, number[]>()
  const note = (name: string, ms: number): void => void results.set(name, [...(results.get(name) ?? []), ms])
  for (let round = 0; round < ROUNDS; round++) {
    const turns = [
      async () => note('many app', await byApp('many', files)),
      async () =>
        note('many script', await byScript('many', await signMany(api, bucket, `script-${(runs += 1)}/`, files))),
      async () => note('one app', await byApp('one', 1)),
      async () =>
        note(
          'one script',
          await byScript('one', await signParts(api, bucket, `script-${(runs += 1)}/large.bin`, size)),
        ),
    ]
    for (const turn of rotate(turns, round)) await turn()
  }
  const told = (name: string, what: string): void => {
    const [app, script] = [median(results.get(`${name} app`) ?? []), median(results.get(`${name} script`) ?? [])]
    process.stdout.write(
      `${what}: web app ${(app / 1000).toFixed(1)} s, bare script ${(script / 1000).toFixed(1)} s, ratio ${(app / script).toFixed(2)}\n`,
    )
  }
  told('many', `${files.toLocaleString('en-US')} files of 10 KB`)
  told('one', `one file of ${(size / 1e9).toFixed(1)} GB`)
}

async function signMany(api: Api, bucket: string, prefix: string, count: number): Promise<Signed[]> {
  const signed: Signed[] = []
  for (let at = 0; at < count; at += 1000) {
    const names = Array.from({ length: Math.min(1000, count - at) }, (_, index) => `${at + index}.bin`)
    const requests = names.map((name) => ({
      bucket,
      key: `${prefix}${name}`,
      operation: 'put',
      contentType: 'application/octet-stream',
      contentLength: SMALL,
      ifNoneMatch: '*',
    }))
    const answer = await api.post('/s3/presigned-urls', { requests })
    for (const [index, { url, headers }] of answer.json<{ results: Signed[] }>().results.entries()) {
      signed.push({ url, headers: sendable(headers), from: 0, to: SMALL, name: names[index] ?? '' })
    }
  }
  return signed
}

async function signParts(api: Api, bucket: string, key: string, size: number): Promise<Signed[]> {
  const begun = await api.post('/s3/multipart', { bucket, key, size, contentType: 'application/octet-stream' })
  const { uploadId, partSize } = begun.json<{ uploadId: string; partSize: number }>()
  const partNumbers = Array.from({ length: Math.ceil(size / partSize) }, (_, index) => index + 1)
  const answer = await api.post('/s3/multipart/parts', { bucket, key, uploadId, partNumbers })
  return answer.json<{ parts: (Signed & { partNumber: number })[] }>().parts.map(({ url, headers, partNumber }) => ({
    url,
    headers: sendable(headers),
    from: (partNumber - 1) * partSize,
    to: Math.min(size, partNumber * partSize),
    name: 'large.bin',
  }))
}

/** The browser itself sets the others, to the values that were signed. */
function sendable(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !['host', 'content-length'].includes(name.toLowerCase())),
  )
}
