import type { SkyCrateClient } from '@skycrate/client/client'
import { makeZip } from 'client-zip'
import { chooseTarget } from './choose-target.ts'
import { zipDownloads, type ZipDownload, type ZipRequest } from './zip-downloads.ts'
import { zipEntries } from './zip-entries.ts'

let lastId = 0

/** Milliseconds between two changes of what is shown. */
const TELL_EVERY = 250

/**
 * Writes a zip file while its files arrive from the store: neither it nor they are ever in memory as a whole.
 * @returns once it has begun; how it goes on is told in `zipDownloads`
 */
export async function startZip(api: SkyCrateClient, request: ZipRequest): Promise<void> {
  const name = `${request.name.replaceAll(/[\\/]/g, '_')}.zip`
  const target = await chooseTarget(name)
  if (target === undefined) return
  lastId += 1
  const id = lastId
  const stop = new AbortController()
  let [files, bytes, told] = [0, 0, 0]
  const leftOut: string[] = []
  const tell = (change: Partial<ZipDownload> = {}): void => {
    told = performance.now()
    zipDownloads.set(
      zipDownloads
        .items()
        .map((each) => (each.id === id ? { ...each, files, bytes, leftOut: [...leftOut], ...change } : each)),
    )
  }
  const tellSoon = (): void => {
    if (performance.now() - told > TELL_EVERY) tell()
  }
  const cancel = (): void => stop.abort()
  zipDownloads.set([...zipDownloads.items(), { id, name, state: 'running', files, bytes, leftOut, cancel }])

  const guard = (event: BeforeUnloadEvent): void => event.preventDefault()
  addEventListener('beforeunload', guard)
  const run = async (): Promise<void> => {
    const entries = zipEntries(api, request, {
      signal: stop.signal,
      onFile: () => {
        files += 1
        tellSoon()
      },
      onBytes: (count) => {
        bytes += count
        tellSoon()
      },
      onLeftOut: (key) => {
        leftOut.push(key)
        tell()
      },
    })
    await makeZip(entries).pipeTo(target.stream, { signal: stop.signal })
    tell({ state: 'saving' })
    await target.finish()
    tell({ state: 'done' })
  }
  void run()
    .catch(async (error: unknown) => {
      await target.discard()
      if (stop.signal.aborted) zipDownloads.set(zipDownloads.items().filter((each) => each.id !== id))
      else tell({ state: 'failed', error })
    })
    .finally(() => removeEventListener('beforeunload', guard))
}
