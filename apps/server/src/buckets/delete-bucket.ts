import type { BucketDeletion, BucketDeletionQuery } from '@skycrate/contract/buckets/schemas'
import type { UserId } from '@skycrate/core/naming/id'
import { recordDeletedPermissions } from '../access/record-deleted-permissions.ts'
import type { RequestOrigin } from '../audit/audit-event.ts'
import type { Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import type { Job } from '../jobs/job.ts'
import { type BucketContext, lockedBucket } from './bucket-context.ts'
import { type BucketRecord, type BucketRef, findBucket, findSteps, setBucketState } from './bucket-records.ts'

export const DELETE_JOB = 'bucket.delete'

/**
 * Deletes a bucket: at once when it is empty, by a job when its contents go too, or only what SkyCrate knows of it.
 * Every permission on it ends.
 *
 * @throws AppError `not-found`; `invalid-request` without the typed name; `conflict` for one that is in use or not
 * empty; `store-unavailable`, `store-refused`, `audit-unavailable`
 */
export function deleteBucket(
  ref: BucketRef,
  query: BucketDeletionQuery,
  by: UserId,
  origin: RequestOrigin,
  context: BucketContext,
): Promise<BucketDeletion> {
  return lockedBucket(context, ref, () => deleteLocked(ref, query, by, origin, context))
}

async function deleteLocked(
  ref: BucketRef,
  query: BucketDeletionQuery,
  by: UserId,
  origin: RequestOrigin,
  context: BucketContext,
): Promise<BucketDeletion> {
  const { database, storeOf, audit } = context
  const record = await findBucket(database, ref)
  if (record === undefined || record.state === 'deleted') {
    throw new AppError('not-found', 'There is no bucket of this name in the list.')
  }
  if (query.confirm !== ref.bucket) {
    throw new AppError('invalid-request', 'Type the name of the bucket to confirm its deletion.', {
      errors: [{ path: '/confirm', message: "must be the bucket's name" }],
    })
  }
  await refuseInUse(record, query, context)
  const event = {
    action: 'bucket.delete',
    outcome: 'allow',
    userId: by,
    store: ref.store,
    bucket: ref.bucket,
    key: null,
    reason: null,
    origin,
  } as const
  const permissions = () => recordDeletedPermissions(database, ref, { audit, by, origin })

  if (query.forget === 'true') {
    await audit.record({ ...event, detail: { changed: { forgotten: true } } })
    await permissions()
    await database.transaction(async (tx) => {
      await deletePermissions(tx, ref)
      await tx.query(`delete from buckets where store = $1 and name = $2`, [ref.store, ref.bucket])
    })
    return { state: 'forgotten', jobId: null }
  }

  if (query.contents === 'true' && (await isThere(record, database))) {
    await permissions()
    const jobId = await database.transaction(async (tx) => {
      const id = await context.jobs.enqueue(
        DELETE_JOB,
        { store: ref.store, bucket: ref.bucket },
        { createdBy: by, key: `${ref.store}/${ref.bucket}`, tx },
      )
      await audit.record({ ...event, detail: { jobId: id } })
      await deletePermissions(tx, ref)
      await tx.query(
        `update buckets set state = 'deleting', job_id = $3, updated_at = now() where store = $1 and name = $2`,
        [ref.store, ref.bucket, id],
      )
      return id
    })
    return { state: 'deleting', jobId }
  }

  await audit.record(event)
  if (await isThere(record, database)) {
    if (!(await storeOf(ref.store).deleteEmptyBucket(ref.bucket))) {
      await audit.record({ ...event, outcome: 'error', reason: 'not-empty' })
      throw new AppError(
        'conflict',
        'The bucket is not empty: it holds objects, old versions or unfinished uploads. Delete its contents, too.',
      )
    }
  }
  await permissions()
  await database.transaction(async (tx) => {
    await deletePermissions(tx, ref)
    await setBucketState(tx, ref, 'deleted')
  })
  return { state: 'deleted', jobId: null }
}

/** @throws AppError `conflict` */
async function refuseInUse(
  record: BucketRecord,
  query: BucketDeletionQuery,
  { database, library }: BucketContext,
): Promise<void> {
  const { store, bucket } = record
  if (library?.store === store && library.bucket === bucket) {
    throw new AppError('conflict', 'This is the library bucket of the configuration.')
  }
  const [home] = await database.query<{ userId: string }>(
    `select user_id as "userId" from homes where store = $1 and bucket = $2 limit 1`,
    [store, bucket],
  )
  if (home !== undefined) {
    throw new AppError('conflict', `This bucket holds the home of ${home.userId}. Delete the home instead.`)
  }
  if (record.state === 'creating' || record.state === 'created') {
    throw new AppError('conflict', 'This bucket is being created.')
  }
  if (query.forget === 'true' && !record.adopted) {
    throw new AppError('conflict', 'SkyCrate created this bucket. Only a registered bucket can be left to itself.')
  }
  if (query.forget !== 'true' && query.contents !== 'true' && record.state === 'deleting') {
    throw new AppError('conflict', 'This bucket is being deleted.')
  }
}

/** Whether there is a bucket of SkyCrate's or the operator's behind the record. */
async function isThere({ state, store, bucket }: BucketRecord, sql: Sql): Promise<boolean> {
  switch (state) {
    case 'planned':
    case 'collided':
    case 'deleted':
      return false
    case 'failed':
      return (await findSteps(sql, { store, bucket })).some(
        ({ step, outcome }) => step === 'create' && outcome === 'applied',
      )
    case 'creating':
    case 'created':
    case 'ready':
    case 'deleting':
      return true
  }
}

async function deletePermissions(sql: Sql, { store, bucket }: BucketRef): Promise<void> {
  await sql.query(`delete from permissions where store = $1 and bucket = $2`, [store, bucket])
}

/** Empties the bucket and deletes it; after a crash it goes on with what is left. */
export async function deleteBucketJob(job: Job<BucketRef>, { database, storeOf }: BucketContext): Promise<void> {
  const ref = job.input
  const record = await findBucket(database, ref)
  if (record?.state !== 'deleting') return
  let { deleted } = job.state<{ deleted: number }>() ?? { deleted: 0 }
  const total = await itemsIn(database, ref)
  await storeOf(ref.store).deleteBucketCompletely(ref.bucket, {
    signal: job.signal,
    async advanced(items) {
      deleted += items
      job.progress(deleted, total === undefined ? undefined : Math.max(total, deleted))
      await job.checkpoint({ deleted })
    },
  })
  await setBucketState(database, ref, 'deleted')
}

/** What was there when it was last counted. */
async function itemsIn(sql: Sql, { store, bucket }: BucketRef): Promise<number | undefined> {
  const [row] = await sql.query<{ items: number }>(
    `select objects + old_versions + delete_markers + unfinished_uploads as items from bucket_contents
     where store = $1 and bucket = $2`,
    [store, bucket],
  )
  return row?.items
}
