import type { SkyCrateClient } from '@skycrate/client/client'
import { SkyCrateError } from '@skycrate/client/skycrate-error'
import { isSmall, putBytes } from './put-bytes.ts'
import { isReadable, unreadable } from './readable.ts'
import { LEAVE, type Sending } from './sending.ts'
import { findObject, isSameContent } from './there-already.ts'
import { keyOf, type UploadJob } from './upload-job.ts'

/** Tries with a new URL after the store refused one, such as one whose time had passed. */
const NEW_URLS = 2

/**
 * Sends a file in one piece.
 * @returns `exists` where its key is taken
 * @throws SkyCrateError; the signal's reason
 */
export async function sendFile(
  { api, urls, keepTrying, slots, onSending, onProgress }: Sending,
  job: UploadJob,
  file: File,
): Promise<'done' | 'exists'> {
  let refused = 0
  return keepTrying(async (signal) => {
    for (;;) {
      const url = await urls.urlFor(job, signal)
      try {
        await slots.within(signal, isSmall(file) ? 0 : LEAVE, () => {
          onSending()
          return putBytes(url, file, signal, (sent) => {
            job.sent = sent
            onProgress()
          })
        })
        urls.drop(job)
        return 'done'
      } catch (error) {
        job.sent = 0
        if (!(error instanceof SkyCrateError)) throw error
        // Somebody else wrote the key since, it stands where the page had not looked, or it is this very file.
        if (error.status === 412) {
          if (job.mayBeThere && (await isThisFile(api, job, file, signal))) return 'done'
          return 'exists'
        }
        urls.drop(job)
        if (error.status === 403 && (refused += 1) <= NEW_URLS) continue
        if (error.status !== 0) throw error
        job.mayBeThere = true
        if (!(await isReadable(file))) throw unreadable()
        throw error
      }
    }
  })
}

async function isThisFile(api: SkyCrateClient, job: UploadJob, file: File, signal: AbortSignal): Promise<boolean> {
  const [bucket, key] = [job.bucket, keyOf(job)]
  const there = await findObject(api, bucket, key, signal)
  return there !== undefined && there.size === file.size && (await isSameContent(api, bucket, key, file, signal))
}
