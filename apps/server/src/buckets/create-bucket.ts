import type { UserId } from '@skycrate/core/naming/id'
import type { RequestOrigin } from '../audit/audit-event.ts'
import { AppError } from '../errors/app-error.ts'
import type { Job } from '../jobs/job.ts'
import { settingsFor } from './bucket-aims.ts'
import { type BucketContext, lockedBucket } from './bucket-context.ts'
import { type BucketRef, findBucket, recordStep, setBucketState } from './bucket-records.ts'
import { reasonOf } from './inspect-settings.ts'
import { provisionBucket } from './provision-bucket.ts'

export const CREATE_JOB = 'bucket.create'

const UNDER_WAY = new Set(['planned', 'creating', 'created'])
/** A name in one of these states may be used anew. */
const OVER = new Set(['collided', 'failed', 'deleted'])

export interface NewBucket extends BucketRef {
  readonly region: string | undefined
  readonly retentionDays: number | null
}

/**
 * Writes the name down, and has a job create the bucket, so that no bucket is ever unrecorded and each step can be
 * watched.
 * @throws AppError `conflict` where there is such a bucket, `store-unavailable`, `store-refused`, `audit-unavailable`
 */
export async function planBucket(
  bucket: NewBucket,
  by: UserId,
  origin: RequestOrigin,
  context: BucketContext,
): Promise<void> {
  const { database, storeOf, audit, jobs } = context
  const store = storeOf(bucket.store)
  const region = bucket.region ?? store.region
  const { presence } = await store.findBucket(bucket.bucket)
  if (presence === 'owned') {
    throw new AppError('conflict', 'This bucket exists. Register it instead of creating it.')
  }
  if (presence === 'forbidden') throw new AppError('conflict', 'Somebody else has a bucket of this name.')
  await database.transaction(async (tx) => {
    const [row] = await tx.query<{ state: string }>(
      `select state from buckets where store = $1 and name = $2 for update`,
      [bucket.store, bucket.bucket],
    )
    if (row !== undefined && !OVER.has(row.state)) {
      throw new AppError('conflict', 'This bucket is in the list already.')
    }
    // Steps of an earlier bucket of this name say nothing about this one.
    await tx.query(`delete from bucket_steps where store = $1 and bucket = $2`, [bucket.store, bucket.bucket])
    await tx.query(`delete from bucket_contents where store = $1 and bucket = $2`, [bucket.store, bucket.bucket])
    const jobId = await jobs.enqueue(
      CREATE_JOB,
      { store: bucket.store, bucket: bucket.bucket },
      { createdBy: by, key: `${bucket.store}/${bucket.bucket}`, tx },
    )
    await tx.query(
      `insert into buckets (store, name, kind, region, state, retention_days, job_id)
       values ($1, $2, 'created', $3, 'planned', $4, $5)
       on conflict (store, name) do update
         set kind = 'created', region = excluded.region, state = 'planned', adopted = false, user_id = null,
           retention_days = excluded.retention_days, job_id = excluded.job_id, created_at = now(), updated_at = now()`,
      [bucket.store, bucket.bucket, region, bucket.retentionDays, jobId],
    )
    await audit.record({
      action: 'bucket.create',
      outcome: 'allow',
      userId: by,
      store: bucket.store,
      bucket: bucket.bucket,
      key: null,
      reason: null,
      detail: { region, jobId },
      origin,
    })
  })
}

/** Does what `planBucket` wrote down, from wherever an earlier try left it. */
export async function createBucketJob(job: Job<BucketRef>, context: BucketContext): Promise<void> {
  const ref = job.input
  await lockedBucket(context, ref, async (sql) => {
    const record = await findBucket(sql, ref)
    if (record === undefined || !UNDER_WAY.has(record.state)) return
    const store = context.storeOf(ref.store)
    const { config, logger } = context
    let result: Awaited<ReturnType<typeof provisionBucket>>
    try {
      const settings = settingsFor(record, config)
      result = await provisionBucket(record, { sql, store, logger, settings, strict: config.strict })
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      if (error.code !== 'store-refused') {
        // Shown while it is tried again, and replaced once the bucket is there.
        await recordStep(sql, ref, 'create', { outcome: 'failed', reason: reasonOf(error) }, null)
        throw error
      }
      throw await fail(reasonOf(error))
    }
    switch (result.outcome) {
      case 'provisioned':
        await setBucketState(sql, ref, 'ready')
        return
      case 'collided':
        await recordStep(sql, ref, 'create', { outcome: 'failed', reason: 'The name is taken.' }, null)
        throw new AppError('conflict', 'Somebody else has a bucket of this name.')
      case 'unprotected':
        if (await store.deleteEmptyBucket(ref.bucket))
          logger.info(ref, 'deleted a bucket without its protective settings')
        throw await fail(`${result.step}: ${result.reason}`)
    }

    async function fail(reason: string): Promise<AppError> {
      if ((await findBucket(sql, ref))?.state !== 'created') {
        await recordStep(sql, ref, 'create', { outcome: 'failed', reason }, null)
      }
      await setBucketState(sql, ref, 'failed')
      return new AppError('conflict', `The bucket could not be created: ${reason}`)
    }
  })
}
