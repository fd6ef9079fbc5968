import { SkyCrateError } from '@skycrate/client/skycrate-error'

interface Wanted {
  readonly url: string
  readonly key: string
  readonly size: number
  /** A new URL, where the first has ended meanwhile. */
  readonly vend: (key: string) => Promise<string>
  readonly signal: AbortSignal
  readonly onBytes: (count: number) => void
}

const TRIES = 6

/** Milliseconds before the second try; then twice as long each time. */
const PAUSE = 500

/**
 * The bytes of an object. Where the connection breaks, the rest is asked for: what is in the zip file already can't be
 * taken back.
 * @returns undefined where there is no such object any more
 * @throws SkyCrateError `transfer-failed`
 */
export async function resumedBytes(wanted: Wanted): Promise<AsyncIterable<Uint8Array<ArrayBuffer>> | undefined> {
  const first = await ask(wanted, wanted.url, 0, undefined)
  return first === undefined ? undefined : read(wanted, first)
}

async function* read(wanted: Wanted, first: Response): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const etag = first.headers.get('etag') ?? undefined
  let answer: Response | undefined = first
  for (let [at, failures] = [0, 0]; ;) {
    try {
      for await (const part of answer?.body ?? []) {
        at += part.length
        failures = 0
        wanted.onBytes(part.length)
        yield part
      }
      if (at >= wanted.size) return
      throw new TypeError('the body ended early')
    } catch (error) {
      failures += 1
      if (wanted.signal.aborted || failures >= TRIES) throw wanted.signal.aborted ? error : broken(wanted.key, error)
      await pause(PAUSE * 2 ** (failures - 1))
      const url = await wanted.vend(wanted.key)
      answer = await ask(wanted, url, at, etag)
      if (answer === undefined) throw broken(wanted.key, error)
    }
  }
}

/** @param from where to go on; 0 from the beginning */
async function ask(wanted: Wanted, url: string, from: number, etag: string | undefined): Promise<Response | undefined> {
  for (let failures = 0, address = url; ;) {
    try {
      const headers = { ...(from > 0 && { range: `bytes=${from}-`, ...(etag !== undefined && { 'if-match': etag }) }) }
      const answer = await fetch(address, { signal: wanted.signal, credentials: 'omit', headers })
      if (answer.status === (from > 0 ? 206 : 200)) return answer
      await answer.body?.cancel()
      if (answer.status === 404) return undefined
      // Written anew meanwhile: the two halves would not fit.
      if (answer.status === 412) throw broken(wanted.key, answer.status)
      failures += 1
      if (failures >= TRIES) throw broken(wanted.key, answer.status)
    } catch (error) {
      failures += 1
      if (error instanceof SkyCrateError || wanted.signal.aborted) throw error
      if (failures >= TRIES) throw broken(wanted.key, error)
    }
    await pause(PAUSE * 2 ** (failures - 1))
    address = await wanted.vend(wanted.key)
  }
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

const broken = (key: string, cause: unknown): SkyCrateError =>
  new SkyCrateError({
    code: 'transfer-failed',
    title: 'A file could not be fetched',
    detail: `${key}: the connection to the store broke, or the file was changed meanwhile. Try again.`,
    cause,
  })
