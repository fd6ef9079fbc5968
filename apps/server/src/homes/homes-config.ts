export interface HomesConfig {
  /** Of homes that are made from now on; a home keeps the layout that it was made in. */
  readonly layout: 'bucket-per-user' | 'shared-bucket'
  /** The bucket of the access levels, and of all homes in the shared-bucket layout. */
  readonly libraryBucket?: string | undefined
  readonly region: string
  /** Refuses a store that cannot apply a protective step. */
  readonly strict: boolean
  readonly encryption: 'AES256' | { readonly kmsKeyId: string }
  /** Pages of these origins may talk to the buckets. */
  readonly webOrigins: readonly string[]
  /** Whether requests without TLS are denied by the bucket's policy; not with a store that is reached over http. */
  readonly tlsOnly: boolean
  /** At most 15 characters: user id, timestamp and a suffix follow it within S3's 63. */
  readonly bucketPrefix: string
  /** Milliseconds that a request waits while another process makes the same home. Default 20,000. */
  readonly lockWaitMs?: number
}
