import type { SkyCrateClient } from '@skycrate/client/client'
import { keyOf, type UploadJob } from './upload-job.ts'

/** Ends a multipart upload. Where that fails, the store's lifecycle does it. */
export async function abortAtStore(api: SkyCrateClient, job: UploadJob): Promise<void> {
  if (!job.multipart) return
  const query = { bucket: job.bucket, key: keyOf(job), uploadId: job.multipart.uploadId }
  await api.request('abortUpload', { query }).catch(() => undefined)
}
