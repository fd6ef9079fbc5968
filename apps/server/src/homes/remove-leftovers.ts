import type { UserId } from '@skycrate/core/naming/id'
import type { FastifyBaseLogger } from 'fastify'
import { findLeftovers, setBucketState } from '../buckets/bucket-records.ts'
import type { Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import type { Store } from '../stores/store.ts'

export interface LeftoverOptions {
  readonly sql: Sql
  readonly store: Store
  readonly logger: FastifyBaseLogger
}

/**
 * Deletes a user's buckets that were given up, when they are empty. What cannot be deleted stays recorded, and is tried
 * again.
 */
export async function removeLeftovers(userId: UserId, { sql, store, logger }: LeftoverOptions): Promise<void> {
  for (const leftover of await findLeftovers(sql, userId)) {
    const { bucket } = leftover
    try {
      if (!(await store.deleteEmptyBucket(bucket))) {
        logger.error({ bucket, userId }, 'an abandoned bucket is not empty and was kept')
        continue
      }
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      logger.warn({ err: error, bucket, userId }, 'could not delete an abandoned bucket; will retry')
      continue
    }
    await setBucketState(sql, leftover, 'deleted')
  }
}
