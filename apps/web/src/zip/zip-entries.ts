import type { SkyCrateClient } from '@skycrate/client/client'
import { resumedBytes } from './resumed-bytes.ts'
import type { ZipRequest } from './zip-downloads.ts'
import { createZipNames } from './zip-names.ts'

/** What client-zip takes. */
export interface ZipEntry {
  readonly name: string
  readonly lastModified: Date
  readonly size?: number
  readonly input?: Uint8Array<ArrayBuffer> | AsyncIterable<Uint8Array<ArrayBuffer>>
}

interface Listener {
  readonly signal: AbortSignal
  readonly onFile: () => void
  readonly onBytes: (count: number) => void
  /** @param key of a file that is not in the zip file */
  readonly onLeftOut: (key: string) => void
}

interface Found {
  readonly key: string
  readonly size: number
  readonly lastModified: string
}

interface Located extends Found {
  /** Undefined where it was refused. */
  readonly url: string | undefined
}

/** What marks an empty folder. */
const isFolder = ({ key, size }: Found): boolean => key.endsWith('/') && size === 0

/** URLs that are asked for at once; the first time few, so that the first file comes at once. */
const FIRST_BATCH = 25
const BATCH = 500

/** Seconds; an older one is asked for again. */
const URL_LIVES = 3_600

/** Files up to so many bytes are fetched ahead, so many at a time: their latency would add up. */
const SMALL = 1_000_000
const AHEAD = 8

/** The files of a zip file, one after another, as it asks for them. Each is decided on and recorded by the server. */
export async function* zipEntries(
  api: SkyCrateClient,
  request: ZipRequest,
  listener: Listener,
): AsyncGenerator<ZipEntry> {
  const { bucket, prefix } = request
  const { signal, onFile, onBytes, onLeftOut } = listener
  const names = createZipNames()
  const vend = async (key: string): Promise<string> =>
    (await api.presignedUrl({ bucket, key, operation: 'get', expiresIn: URL_LIVES }, { signal })).url

  async function open(file: Located): Promise<ZipEntry | undefined> {
    const { key, size, lastModified, url } = file
    if (isFolder(file)) return { name: key, lastModified: new Date(lastModified) }
    if (url === undefined) return undefined
    const bytes = await resumedBytes({ url, key, size, vend, signal, onBytes })
    if (bytes === undefined) return undefined
    return { name: key, lastModified: new Date(lastModified), size, input: size <= SMALL ? await joined(bytes) : bytes }
  }

  const waiting: { readonly file: Located; readonly entry: Promise<ZipEntry | undefined> }[] = []
  const located = locate(api, request, signal)
  let ended = false
  while (!ended || waiting.length > 0) {
    while (!ended && waiting.length < AHEAD && !waiting.some(({ file }) => file.size > SMALL)) {
      const next = await located.next()
      if (next.done) ended = true
      else {
        const entry = open(next.value)
        // Looked at below, in its turn.
        entry.catch(() => undefined)
        waiting.push({ file: next.value, entry })
      }
    }
    const first = waiting.shift()
    if (!first) continue
    const entry = await first.entry
    if (entry === undefined) {
      onLeftOut(first.file.key)
      continue
    }
    yield { ...entry, name: names.nameOf(entry.name.slice(prefix.length)) }
    if (entry.input !== undefined) onFile()
  }
}

async function joined(bytes: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = []
  for await (const part of bytes) parts.push(part)
  return new Uint8Array(await new Blob(parts).arrayBuffer())
}

/** What was chosen, folders with all that lies in them, with URLs for a batch at a time. */
async function* locate(api: SkyCrateClient, request: ZipRequest, signal: AbortSignal): AsyncGenerator<Located> {
  const { bucket } = request
  let batch: Found[] = []
  let limit = FIRST_BATCH
  const withUrls = async (): Promise<Located[]> => {
    const wanted = batch
    batch = []
    limit = BATCH
    const files = wanted.filter((file) => !isFolder(file))
    const requests = files.map(({ key }) => ({ bucket, key, operation: 'get' as const, expiresIn: URL_LIVES }))
    const { results } =
      requests.length === 0 ? { results: [] } : await api.request('presignedUrls', { body: { requests } }, { signal })
    const urls = new Map(files.map((file, index) => [file, results[index]]))
    return wanted.map((file) => {
      const result = urls.get(file)
      return { ...file, url: result && 'url' in result ? result.url : undefined }
    })
  }
  for await (const file of find(api, request, signal)) {
    batch.push(file)
    if (batch.length >= limit) yield* await withUrls()
  }
  if (batch.length > 0) yield* await withUrls()
}

async function* find(api: SkyCrateClient, { bucket, entries }: ZipRequest, signal: AbortSignal): AsyncGenerator<Found> {
  for (const entry of entries) {
    if (entry.kind === 'file') yield entry
    else {
      for await (const each of api.listAll(bucket, { prefix: entry.prefix, limit: 1000 }, { signal })) {
        if (each.kind === 'object') yield each
      }
    }
  }
}
