import type { BucketsConfig } from '../buckets/buckets-config.ts'

export interface HomesConfig extends BucketsConfig {
  /** Of homes that are made from now on; a home keeps the layout that it was made in. */
  readonly layout: 'bucket-per-user' | 'shared-bucket'
  /** The bucket of the access levels, and of all homes in the shared-bucket layout. */
  readonly libraryBucket?: string | undefined
  readonly region: string
  /** At most 15 characters: user id, timestamp and a suffix follow it within S3's 63. */
  readonly bucketPrefix: string
}
