import type {
  BucketChange,
  BucketCheck,
  BucketDeletion,
  BucketDeletionQuery,
  BucketDetail,
  BucketsQuery,
  BucketSummaries,
  NewBucket,
} from '@skycrate/contract/buckets/schemas'
import type { Job as JobView } from '@skycrate/contract/jobs/schemas'
import { parseBucketName } from '@skycrate/core/naming/bucket'
import type { UserId } from '@skycrate/core/naming/id'
import { DEFAULT_STORE, type StoreId } from '@skycrate/core/naming/store'
import type { RequestOrigin } from '../audit/audit-event.ts'
import { AppError } from '../errors/app-error.ts'
import type { JobReader } from '../jobs/jobs.ts'
import type { Precondition } from '../precondition.ts'
import { bringUpToDateJob, UPDATE_JOB, wantUpToDate } from './bring-up-to-date.ts'
import type { BucketContext } from './bucket-context.ts'
import { bucketDetail } from './bucket-detail.ts'
import type { BucketRef } from './bucket-records.ts'
import { changeBucket } from './change-bucket.ts'
import { checkBucket } from './check-bucket.ts'
import { COUNT_JOB, countBucketJob } from './count-bucket.ts'
import { CREATE_JOB, createBucketJob, planBucket } from './create-bucket.ts'
import { DELETE_JOB, deleteBucket, deleteBucketJob } from './delete-bucket.ts'
import { listBuckets } from './list-buckets.ts'
import { registerBucket } from './register-bucket.ts'

/** An administrator's use cases on buckets. */
export interface Buckets {
  list(query: BucketsQuery & { readonly limit: number }): Promise<BucketSummaries>
  /** @returns the bucket, and whether it was in the list already */
  add(body: NewBucket, by: UserId, origin: RequestOrigin): Promise<{ bucket: BucketDetail; known: boolean }>
  check(store: StoreId | undefined, name: string): Promise<BucketCheck>
  find(store: StoreId, name: string): Promise<BucketDetail>
  change(
    store: StoreId,
    name: string,
    change: BucketChange,
    by: { readonly userId: UserId; readonly origin: RequestOrigin; readonly precondition: Precondition },
  ): Promise<BucketDetail>
  /** @returns the job that counts; one that is under way already */
  count(store: StoreId, name: string, by: JobReader): Promise<JobView>
  /**
   * Has every bucket that SkyCrate created brought to the settings of this process, unless that was done.
   * @throws AppError `database-unavailable`
   */
  bringUpToDate(): Promise<void>
  remove(
    store: StoreId,
    name: string,
    query: BucketDeletionQuery,
    by: UserId,
    origin: RequestOrigin,
  ): Promise<BucketDeletion>
}

/** Makes the use cases, and tells this process how their jobs are done. */
export function createBuckets(context: BucketContext): Buckets {
  const { database, jobs } = context
  // An outage of the store may last longer than any number of tries.
  const outlasting = { attempts: Infinity, cancellable: false }
  jobs.register<BucketRef>(CREATE_JOB, (job) => createBucketJob(job, context), outlasting)
  jobs.register<BucketRef>(DELETE_JOB, (job) => deleteBucketJob(job, context), outlasting)
  jobs.register<BucketRef>(COUNT_JOB, (job) => countBucketJob(job, context))
  jobs.register<{ digest: string }>(UPDATE_JOB, (job) => bringUpToDateJob(job, context), outlasting)

  return {
    list: (query) => listBuckets(database, query),

    async add(body, by, origin) {
      const ref = refOf(body.store ?? DEFAULT_STORE, body.name)
      let known = false
      switch (body.mode) {
        case 'register':
          refuseForRegistering(body)
          known = !(await registerBucket(ref, by, origin, context))
          break
        case 'create':
          await planBucket(
            { ...ref, region: body.region, retentionDays: body.retentionDays ?? null },
            by,
            origin,
            context,
          )
          break
      }
      return { bucket: await bucketDetail(ref, context), known }
    },

    check: (store, name) => checkBucket(refOf(store ?? DEFAULT_STORE, name), context),

    find: (store, bucket) => bucketDetail({ store, bucket }, context),

    async change(store, bucket, change, by) {
      await changeBucket({ store, bucket }, change, by, context)
      return bucketDetail({ store, bucket }, context)
    },

    async count(store, bucket, by) {
      const { state } = await bucketDetail({ store, bucket }, context)
      if (state !== 'ready') throw new AppError('conflict', 'This bucket is not ready.')
      const key = `${store}/${bucket}`
      const id = await jobs.enqueue(COUNT_JOB, { store, bucket }, { createdBy: by.userId, key })
      await database.query(`update buckets set job_id = $3 where store = $1 and name = $2`, [store, bucket, id])
      return jobs.find(id, by)
    },

    bringUpToDate: () => wantUpToDate(context),

    async remove(store, bucket, query, by, origin) {
      const deletion = await deleteBucket({ store, bucket }, query, by, origin, context)
      await context.settled?.()
      return deletion
    },
  }
}

/** @throws AppError `invalid-request` */
function refOf(store: StoreId, name: string): BucketRef {
  const bucket = parseBucketName(name)
  if (bucket !== undefined) return { store, bucket }
  throw new AppError('invalid-request', undefined, {
    errors: [
      {
        path: '/name',
        message:
          'is not a bucket name: 3 to 63 lower-case letters, digits, hyphens and dots, without a reserved prefix',
      },
    ],
  })
}

/** What only a new bucket can be given. */
function refuseForRegistering({ region, retentionDays }: NewBucket): void {
  const errors = [
    ...(region === undefined ? [] : [{ path: '/region', message: 'is only for a bucket that is created' }]),
    ...(retentionDays === undefined
      ? []
      : [{ path: '/retentionDays', message: 'is only for a bucket that is created' }]),
  ]
  if (errors.length > 0) throw new AppError('invalid-request', undefined, { errors })
}
