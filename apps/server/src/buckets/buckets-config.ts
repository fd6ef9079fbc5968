import type { DeliveryRules } from './bucket-delivery.ts'

export interface BucketsConfig {
  /** Refuses a store that cannot apply a protective step. */
  readonly strict: boolean
  readonly encryption: 'AES256' | { readonly kmsKeyId: string }
  /** Pages of these origins may talk to the buckets. */
  readonly webOrigins: readonly string[]
  /** Whether requests without TLS are denied by the bucket's policy; not with a store that is reached over http. */
  readonly tlsOnly: boolean
  /** Days for which replaced and deleted versions are kept, in buckets that say nothing else. */
  readonly retentionDays: number
  /** Absent: no bucket can name a content delivery network. */
  readonly delivery?: DeliveryRules
  /** Whether the store has S3 Transfer Acceleration; false when absent. */
  readonly accelerates?: boolean
  /** Milliseconds that a request waits while another process works on the same bucket or home. Default 20,000. */
  readonly lockWaitMs?: number
}
