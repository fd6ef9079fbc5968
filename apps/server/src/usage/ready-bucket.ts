import { type BucketRecord, type BucketRef, findBucket } from '../buckets/bucket-records.ts'
import type { Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'

/** @throws AppError `not-found`; `conflict` for a bucket that is not ready */
export async function requireReadyBucket(sql: Sql, ref: BucketRef): Promise<BucketRecord> {
  const record = await findBucket(sql, ref)
  if (record === undefined || record.state === 'deleted') {
    throw new AppError('not-found', 'There is no bucket of this name in the list.')
  }
  if (record.state !== 'ready') throw new AppError('conflict', 'This bucket is not ready.')
  return record
}
