import { SkyCrateError } from '@skycrate/client/skycrate-error'
import type { Sending } from './sending.ts'
import { keyOf, type UploadJob } from './upload-job.ts'

/** Creates an empty folder. @throws SkyCrateError; the signal's reason */
export async function sendFolder({ api, keepTrying }: Sending, job: UploadJob): Promise<'done'> {
  const body = { bucket: job.bucket, key: keyOf(job) }
  await keepTrying(async (signal) => {
    try {
      await api.request('createFolder', { body }, { signal })
    } catch (error) {
      // A folder that is there already is as good.
      if (!(error instanceof SkyCrateError && error.code === 'conflict')) throw error
    }
  })
  return 'done'
}
