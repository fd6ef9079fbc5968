import type { FastifyBaseLogger } from 'fastify'
import type { BucketsConfig } from '../buckets/buckets-config.ts'
import type { openS3Store } from '../stores/s3/open-s3-store.ts'
import type { StoreTarget } from '../stores/store-target.ts'
import type { RegisteredBuckets } from './registered-buckets.ts'

export interface StoreCheckOptions {
  readonly target: StoreTarget
  /** The bucket of the access levels; undefined: there is none. */
  readonly libraryBucket: string | undefined
  /** Whether SkyCrate creates a bucket for each user, and so must be able to. */
  readonly createsBuckets: boolean
  readonly buckets: BucketsConfig
  /** Those besides the library; undefined: the database does not tell. */
  readonly registered: RegisteredBuckets | undefined
  readonly logger: FastifyBaseLogger
  readonly now: () => number
}

export type Opened = ReturnType<typeof openS3Store>

/** Where the doctor may write: a bucket of its own, or a prefix of the library. */
export interface Scratch {
  readonly bucket: string
  readonly prefix: string
  readonly own: boolean
}
