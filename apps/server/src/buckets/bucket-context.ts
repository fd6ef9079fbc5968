import type { StoreId } from '@skycrate/core/naming/store'
import type { FastifyBaseLogger } from 'fastify'
import type { AuditLog } from '../audit/audit-event.ts'
import type { Database, Sql } from '../db/database.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Store } from '../stores/store.ts'
import type { BucketRef } from './bucket-records.ts'
import type { BucketsConfig } from './buckets-config.ts'
import { withLock } from './with-lock.ts'

/** What the use cases on buckets work with. */
export interface BucketContext {
  readonly database: Database
  /** @throws AppError `not-found` */
  readonly storeOf: (id: StoreId) => Store
  readonly audit: AuditLog
  readonly jobs: Jobs
  readonly logger: FastifyBaseLogger
  readonly config: BucketsConfig
  /** Of the configuration: it can't be deleted. */
  readonly library: BucketRef | undefined
  /** Resolves once every process has heard of a change of access; absent: nobody waits. */
  readonly settled?: () => Promise<void>
}

const DEFAULT_LOCK_WAIT_MS = 20_000

/** Runs while no other process creates or changes the same bucket, on the connection that holds the lock. */
export function lockedBucket<T>(
  { database, config }: Pick<BucketContext, 'database' | 'config'>,
  { store, bucket }: BucketRef,
  work: (sql: Sql) => Promise<T>,
): Promise<T> {
  return withLock(database, `skycrate.bucket:${store}/${bucket}`, config.lockWaitMs ?? DEFAULT_LOCK_WAIT_MS, work)
}
