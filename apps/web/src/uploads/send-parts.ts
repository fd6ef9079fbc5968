import { SkyCrateError } from '@skycrate/client/skycrate-error'
import { partsAtOnce } from './parts-at-once.ts'
import { putBytes } from './put-bytes.ts'
import { isReadable, unreadable } from './readable.ts'
import { LEAVE, type Sending } from './sending.ts'
import { findObject } from './there-already.ts'
import { keyOf, type Multipart, type UploadJob } from './upload-job.ts'

/** Parts that one request signs. */
const TOGETHER = 32
/** Milliseconds before its end at which a URL is not used any more. */
const MARGIN = 60_000
/** Tries with a new URL after the store refused one. */
const NEW_URLS = 2
/** Times that an upload begins anew because the store has forgotten it. */
const RESTARTS = 2
/** Milliseconds by which the clocks of the browser and the store may differ. */
const SKEW = 300_000

/**
 * Sends a file in parts, several at once. What the store has already is not sent again.
 * @returns `exists` where its key is taken
 * @throws SkyCrateError; the signal's reason
 */
export async function sendParts(use: Sending, job: UploadJob, file: File): Promise<'done' | 'exists'> {
  const { api, keepTrying } = use
  for (let restarts = 0; ; restarts++) {
    // Asked now rather than told at the end of a long transfer.
    if (job.multipart === undefined && !job.replace) {
      const there = await keepTrying((signal) => findObject(api, job.bucket, keyOf(job), signal))
      if (there) return 'exists'
    }
    try {
      const multipart = await begin(use, job)
      await sendMissing(use, job, file, multipart)
      return await complete(use, job, multipart)
    } catch (error) {
      if (!isGone(error)) throw error
      if (job.mayBeThere && (await isComplete(use, job))) return 'done'
      if (restarts === RESTARTS) throw error
      job.multipart = undefined
      job.mayBeThere = false
      job.sent = 0
    }
  }
}

/** Starts the upload at the store, or asks what the store has of it. */
async function begin({ api, keepTrying, keep }: Sending, job: UploadJob): Promise<Required<Multipart>> {
  const place = { bucket: job.bucket, key: keyOf(job) }
  const known = job.multipart
  if (known?.parts) return known as Required<Multipart>
  if (known) {
    const query = { ...place, uploadId: known.uploadId }
    const listed = await keepTrying((signal) => api.request('uploadedParts', { query }, { signal }))
    const { partSize } = listed
    const whole = listed.parts.filter(({ partNumber, size }) => size === sizeOf(job.size, partSize, partNumber))
    const parts = new Map(whole.map(({ partNumber, etag }) => [partNumber, etag]))
    return (job.multipart = { uploadId: known.uploadId, partSize, parts })
  }
  const body = { ...place, contentType: job.type, size: job.size }
  const { uploadId, partSize } = await keepTrying((signal) => api.request('createUpload', { body }, { signal }))
  const begun = { uploadId, partSize, parts: new Map<number, string>() }
  job.multipart = begun
  await keep()
  return begun
}

async function sendMissing(
  use: Sending,
  job: UploadJob,
  file: File,
  { uploadId, partSize, parts }: Required<Multipart>,
) {
  if (!parts) return
  const { api, keepTrying, slots, onProgress } = use
  const count = Math.ceil(job.size / partSize)
  const missing = Array.from({ length: count }, (_, index) => index + 1).filter((number) => !parts.has(number))
  let finished = [...parts.keys()].reduce((sum, number) => sum + sizeOf(job.size, partSize, number), 0)
  const under = new Map<number, number>()
  const tell = (): void => {
    job.sent = finished + [...under.values()].reduce((sum, sent) => sum + sent, 0)
    onProgress()
  }
  tell()

  interface Signed {
    readonly url: string
    readonly headers: Readonly<Record<string, string>>
    readonly until: number
  }
  const signed = new Map<number, Promise<Signed>>()
  const sign = (numbers: readonly number[], signal: AbortSignal): void => {
    const body = { bucket: job.bucket, key: keyOf(job), uploadId, partNumbers: [...numbers] }
    const batch = api.request('signParts', { body }, { signal })
    for (const number of numbers) {
      const one = batch.then(({ parts: urls, expiresAt }) => {
        const found = urls.find(({ partNumber }) => partNumber === number)
        if (!found) throw new Error('a part was not signed')
        return { ...found, until: Date.parse(expiresAt) }
      })
      signed.set(number, one)
      one.catch(() => signed.delete(number))
    }
  }
  const urlOf = async (number: number, signal: AbortSignal): Promise<Signed> => {
    for (;;) {
      signal.throwIfAborted()
      if (!signed.has(number)) {
        sign([number, ...missing.filter((each) => each !== number && !signed.has(each)).slice(0, TOGETHER - 1)], signal)
      }
      const url = await signed.get(number)
      if (url && url.until - Date.now() > MARGIN) return url
      signed.delete(number)
    }
  }
  const sendPart = async (number: number): Promise<void> => {
    let refused = 0
    const size = sizeOf(job.size, partSize, number)
    const bytes = file.slice((number - 1) * partSize, (number - 1) * partSize + size)
    const etag = await keepTrying(async (signal) => {
      for (;;) {
        const url = await urlOf(number, signal)
        try {
          return await slots.within(signal, LEAVE, () =>
            putBytes(url, bytes, signal, (sent) => {
              under.set(number, sent)
              tell()
            }),
          )
        } catch (error) {
          under.delete(number)
          tell()
          if (!(error instanceof SkyCrateError)) throw error
          signed.delete(number)
          if (error.status === 403 && (refused += 1) <= NEW_URLS) continue
          if (error.status === 0 && !(await isReadable(bytes))) throw unreadable()
          throw error
        }
      }
    })
    under.delete(number)
    signed.delete(number)
    parts.set(number, etag)
    finished += size
    tell()
  }
  // Where one fails for good, the others end with it.
  const worker = async (): Promise<void> => {
    for (let number = missing.shift(); number !== undefined; number = missing.shift()) {
      try {
        await sendPart(number)
      } catch (error) {
        missing.length = 0
        throw error
      }
    }
  }
  const workers = Array.from({ length: partsAtOnce(job.size, partSize) }, worker)
  const ended = await Promise.allSettled(workers)
  const failed = ended.find((each) => each.status === 'rejected')
  if (failed) throw failed.reason
}

async function complete(
  { api, keepTrying }: Sending,
  job: UploadJob,
  multipart: Multipart,
): Promise<'done' | 'exists'> {
  const place = { bucket: job.bucket, key: keyOf(job), uploadId: multipart.uploadId }
  let unanswered = false
  try {
    await keepTrying(async (signal) => {
      let etags = [...(multipart.parts ?? [])]
      // A store that does not let pages read ETags tells them to the server.
      if (etags.some(([, etag]) => etag === '')) {
        const { parts } = await api.request('uploadedParts', { query: place }, { signal })
        etags = parts.map(({ partNumber, etag }) => [partNumber, etag])
      }
      const parts = etags.sort(([a], [b]) => a - b).map(([partNumber, etag]) => ({ partNumber, etag }))
      const body = { ...place, parts, ...(job.replace ? {} : { ifNoneMatch: '*' as const }) }
      try {
        await api.request('completeUpload', { body }, { signal })
      } catch (error) {
        if (error instanceof SkyCrateError && error.status !== 401) {
          unanswered ||= error.code === 'unreachable' || error.status >= 500
          job.mayBeThere ||= unanswered
          // The store has other parts than this page thinks: it is asked before the next try.
          if (error.code === 'invalid-request') multipart.parts = undefined
        }
        throw error
      }
    })
    return 'done'
  } catch (error) {
    if (!(error instanceof SkyCrateError && error.code === 'precondition-failed')) throw error
    return unanswered && (await isComplete({ api, keepTrying }, job)) ? 'done' : 'exists'
  }
}

/** Whether the object that stands there is this upload, whose completion got no answer: its size, and as many parts. */
async function isComplete({ api, keepTrying }: Pick<Sending, 'api' | 'keepTrying'>, job: UploadJob): Promise<boolean> {
  const { multipart } = job
  if (!multipart) return false
  const there = await keepTrying((signal) => findObject(api, job.bucket, keyOf(job), signal))
  const count = Math.ceil(job.size / multipart.partSize)
  if (there === undefined || there.size !== job.size || !there.etag.endsWith(`-${count}`)) return false
  return Date.parse(there.lastModified) > job.createdAt - SKEW
}

/** The store's lifecycle deleted it, somebody ended it, or it is complete. */
const isGone = (error: unknown): boolean =>
  error instanceof SkyCrateError &&
  (error.code === 'upload-missing' || (error.code === 'transfer-failed' && error.status === 404))

const sizeOf = (size: number, partSize: number, number: number): number =>
  Math.max(0, Math.min(partSize, size - (number - 1) * partSize))
