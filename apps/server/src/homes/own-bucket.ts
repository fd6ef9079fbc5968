import { randomBytes } from 'node:crypto'
import type { UserId } from '@skycrate/core/naming/id'
import type { FastifyBaseLogger } from 'fastify'
import type { Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import type { Store } from '../stores/store.ts'
import { bucketCandidate } from './bucket-candidate.ts'
import { settingsFor } from '../buckets/bucket-aims.ts'
import { countBuckets, findBucket, inDefaultStore, setBucketState } from '../buckets/bucket-records.ts'
import { provisionBucket } from '../buckets/provision-bucket.ts'
import { findCandidate, markHomeFailed, planBucket } from './home-records.ts'
import type { HomesConfig } from './homes-config.ts'
import { removeLeftovers } from './remove-leftovers.ts'

/** Names tried in one run. Taken ones need somebody who foresees them: more than a few are no accident. */
const MAX_NAMES = 5

export interface OwnBucketOptions {
  /** The connection that holds the user's lock. */
  readonly sql: Sql
  readonly store: Store
  readonly logger: FastifyBaseLogger
  readonly now: () => number
  readonly config: HomesConfig
}

export type OwnBucket =
  /** It stands with all its settings, but is not ready in the records yet. */
  | { readonly outcome: 'made'; readonly bucket: string }
  /** The store cannot protect it as strict mode demands; what was made is removed. */
  | { readonly outcome: 'unprotected'; readonly bucket: string; readonly step: string; readonly reason: string }

/**
 * Makes the user's bucket, or goes on with one that an earlier run began.
 *
 * @throws AppError `provisioning-failed` where no name is free; `store-unavailable` and `store-refused`, the next call
 * then goes on from there
 */
export async function makeOwnBucket(userId: UserId, options: OwnBucketOptions): Promise<OwnBucket> {
  const { sql, store, logger, config } = options
  await removeLeftovers(userId, options)
  for (let names = 0; names < MAX_NAMES; names++) {
    const record = (await findCandidate(sql, userId)) ?? (await planCandidate(userId, options))
    const result = await provisionBucket(record, {
      sql,
      store,
      logger,
      settings: settingsFor(record, config),
      strict: config.strict,
    })
    switch (result.outcome) {
      case 'provisioned':
        return { outcome: 'made', bucket: record.bucket }
      case 'collided':
        logger.warn({ bucket: record.bucket, userId }, 'bucket name is taken; trying another name')
        break
      case 'unprotected':
        await setBucketState(sql, record, 'failed')
        await markHomeFailed(sql, userId)
        await removeLeftovers(userId, options)
        return { ...result, bucket: record.bucket }
    }
  }
  throw new AppError('provisioning-failed', 'No name was free for your bucket. Try again.', {
    cause: new Error(`${MAX_NAMES} names in a row were taken`),
    retryAfter: 1,
  })
}

async function planCandidate(userId: UserId, { sql, now, config }: OwnBucketOptions) {
  const tries = await countBuckets(sql, userId)
  const bucket = bucketCandidate(config.bucketPrefix, userId, tries, now(), randomBytes(3))
  await planBucket(sql, userId, inDefaultStore(bucket), config.region)
  const record = await findBucket(sql, inDefaultStore(bucket))
  if (record === undefined) throw new Error(`the record of ${bucket} is gone`)
  return record
}
