import type { UserId } from '@skycrate/core/naming/id'
import type { FastifyBaseLogger } from 'fastify'
import type { Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import type { Store } from '../stores/store.ts'
import { findLeftovers, setBucketState } from '../buckets/bucket-records.ts'

export interface LeftoverOptions {
  readonly sql: Sql
  readonly store: Store
  readonly logger: FastifyBaseLogger
}

/**
 * Removes a user's buckets that were given up (only when they are empty) or that are to go (with all that is in them).
 * What cannot be removed stays recorded, and is tried again.
 */
export async function removeLeftovers(userId: UserId, { sql, store, logger }: LeftoverOptions): Promise<void> {
  for (const leftover of await findLeftovers(sql, userId)) {
    const { bucket, state } = leftover
    try {
      if (state === 'deleting') await store.deleteBucketCompletely(bucket)
      else if (!(await store.deleteEmptyBucket(bucket))) {
        logger.error({ bucket, userId }, 'a bucket that was given up is not empty; it stays')
        continue
      }
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      logger.warn({ err: error, bucket, userId }, 'a bucket that was given up could not be removed; trying again later')
      continue
    }
    await setBucketState(sql, leftover, 'deleted')
  }
}
