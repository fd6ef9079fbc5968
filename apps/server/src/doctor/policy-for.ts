import type { Config } from '../config/config.ts'
import { leastPolicy, type PolicyDocument } from '../stores/s3/least-policy.ts'

/** The least policy of SkyCrate's own role, for the buckets that the configuration names. */
export function policyFor({ store, homes }: Pick<Config, 'store' | 'homes'>): PolicyDocument {
  const { libraryBucket, layout, kmsKeyId } = homes
  const partition = partitionOf(store.region)
  return leastPolicy({
    partition,
    buckets: [
      ...(libraryBucket === undefined ? [] : [libraryBucket]),
      // Homes, buckets that administrators create by these names, and the doctor's own.
      ...(layout === 'bucket-per-user' ? ['skycrate-*'] : []),
    ],
    roleArn: store.kind === 'embedded' ? undefined : store.roleArn,
    kmsKeyArn:
      kmsKeyId === undefined || kmsKeyId.startsWith('arn:')
        ? kmsKeyId
        : `arn:${partition}:kms:${store.region}:*:key/${kmsKeyId}`,
  })
}

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}
