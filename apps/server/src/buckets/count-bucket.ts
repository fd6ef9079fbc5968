import { AppError } from '../errors/app-error.ts'
import type { Job } from '../jobs/job.ts'
import type { Contents, CountCursor } from '../stores/object-store.ts'
import type { BucketContext } from './bucket-context.ts'
import type { BucketRef } from './bucket-records.ts'
import { saveContents } from './save-contents.ts'

export const COUNT_JOB = 'bucket.count'

interface State {
  readonly counted: Contents
  readonly next: CountCursor
}

/** Goes through a bucket page by page; after a crash from the page that it had come to. */
export async function countBucketJob(job: Job<BucketRef>, { database, storeOf }: BucketContext): Promise<void> {
  const { store, bucket } = job.input
  let { counted, next } = job.state<State>() ?? { counted: undefined, next: undefined }
  do {
    job.signal.throwIfAborted()
    const page = await storeOf(store).countContents(bucket, '', next)
    if (!page.ok) throw new AppError('bucket-missing', 'The store has no bucket of this name any more.')
    counted = counted === undefined ? page.value.contents : sum(counted, page.value.contents)
    next = page.value.next
    job.progress(counted.objects + counted.oldVersions + counted.deleteMarkers)
    if (next !== undefined) await job.checkpoint({ counted, next } satisfies State)
  } while (next !== undefined)
  await saveContents(database, { store, bucket }, counted, new Date())
}

function sum(a: Contents, b: Contents): Contents {
  return {
    objects: a.objects + b.objects,
    bytes: a.bytes + b.bytes,
    oldVersions: a.oldVersions + b.oldVersions,
    oldBytes: a.oldBytes + b.oldBytes,
    deleteMarkers: a.deleteMarkers + b.deleteMarkers,
    unfinishedUploads: a.unfinishedUploads + b.unfinishedUploads,
  }
}
