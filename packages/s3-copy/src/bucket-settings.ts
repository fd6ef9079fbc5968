import {
  GetBucketCorsCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLoggingCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketReplicationCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetBucketWebsiteCommand,
  GetObjectLockConfigurationCommand,
  GetPublicAccessBlockCommand,
  PutBucketCorsCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectLockConfigurationCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3'
import type {
  BucketLifecycleConfiguration,
  CORSRule,
  LifecycleRule,
  ObjectLockConfiguration,
  OwnershipControls,
  PublicAccessBlockConfiguration,
  S3Client,
  ServerSideEncryptionConfiguration,
  Tag,
} from '@aws-sdk/client-s3'
import { renameInPolicy } from './rename-in-policy.ts'
import { isEmptySetting } from './same-setting.ts'
import { describeFailure, isNotFound, isUnsupported } from './s3-failure.ts'

/** A setting of a bucket, read from one store and written to another. */
export interface BucketSetting {
  readonly name: string
  /** What the bucket has, or undefined for nothing. Throws what the store says otherwise. */
  readonly read: (client: S3Client, bucket: string) => Promise<unknown>
  /** Undefined for what is not carried over, only told. */
  readonly write: ((client: S3Client, bucket: string, value: never) => Promise<unknown>) | undefined
  /** When: before the objects, or after them, because it would be in their way. */
  readonly when: 'before' | 'after'
  /** What the source's value has to become for a bucket of another name. */
  readonly rename?: (value: never, from: string, to: string) => unknown
}

/** A typed setting as one of the table. */
const setting = <T>(
  name: string,
  when: BucketSetting['when'],
  read: (client: S3Client, bucket: string) => Promise<T | undefined>,
  write?: (client: S3Client, bucket: string, value: T) => Promise<unknown>,
  rename?: (value: T, from: string, to: string) => T,
): BucketSetting => ({
  name,
  when,
  read: async (client, bucket) => {
    try {
      const value = await read(client, bucket)
      return isEmptySetting(value) ? undefined : value
    } catch (error) {
      if (isUnsupported(error)) return undefined
      if (isNotFound(error) && describeFailure(error).code !== 'NoSuchBucket') return undefined
      throw error
    }
  },
  write,
  ...(rename === undefined ? {} : { rename }),
})

/** Lifecycle rules may say their prefix in two ways. */
const modernise = ({ Prefix, ...rule }: LifecycleRule): LifecycleRule => ({
  ...rule,
  Filter: Prefix === undefined ? rule.Filter : { Prefix },
})

/** In the order in which they are written. */
export const BUCKET_SETTINGS: readonly BucketSetting[] = [
  setting<OwnershipControls>(
    'ownership controls',
    'before',
    async (client, Bucket) => (await client.send(new GetBucketOwnershipControlsCommand({ Bucket }))).OwnershipControls,
    (client, Bucket, value) => client.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls: value })),
  ),
  setting<ServerSideEncryptionConfiguration>(
    'encryption',
    'before',
    async (client, Bucket) =>
      (await client.send(new GetBucketEncryptionCommand({ Bucket }))).ServerSideEncryptionConfiguration,
    (client, Bucket, value) =>
      client.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: value })),
  ),
  setting<Tag[]>(
    'tags',
    'before',
    async (client, Bucket) => {
      const { TagSet = [] } = await client.send(new GetBucketTaggingCommand({ Bucket }))
      return TagSet.length === 0
        ? undefined
        : TagSet.toSorted(({ Key: a = '' }, { Key: b = '' }) => (a < b ? -1 : Number(a > b)))
    },
    (client, Bucket, value) => client.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: value } })),
  ),
  setting<CORSRule[]>(
    'CORS',
    'before',
    async (client, Bucket) => (await client.send(new GetBucketCorsCommand({ Bucket }))).CORSRules,
    (client, Bucket, value) =>
      client.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: value } })),
  ),
  // A default retention would lock what has no lock of its own.
  setting<ObjectLockConfiguration>(
    'object lock',
    'after',
    async (client, Bucket) =>
      (await client.send(new GetObjectLockConfigurationCommand({ Bucket }))).ObjectLockConfiguration,
    (client, Bucket, value) =>
      client.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration: value })),
  ),
  // History is kept while it is brought, also where it shall be suspended then.
  setting<'Enabled' | 'Suspended'>(
    'versioning',
    'after',
    async (client, Bucket) => (await client.send(new GetBucketVersioningCommand({ Bucket }))).Status,
    (client, Bucket, value) =>
      client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: value } })),
  ),
  setting<BucketLifecycleConfiguration>(
    'lifecycle',
    'after',
    async (client, Bucket) => {
      const { Rules } = await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))
      return Rules === undefined ? undefined : { Rules: Rules.map(modernise) }
    },
    (client, Bucket, value) =>
      client.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: value })),
  ),
  // Its denials could be meant for whoever copies.
  setting<string>(
    'policy',
    'after',
    async (client, Bucket) => (await client.send(new GetBucketPolicyCommand({ Bucket }))).Policy,
    (client, Bucket, value) => client.send(new PutBucketPolicyCommand({ Bucket, Policy: value })),
    renameInPolicy,
  ),
  // After the policy: a block of public policies refuses one that is there already at the source.
  setting<PublicAccessBlockConfiguration>(
    'public access block',
    'after',
    async (client, Bucket) =>
      (await client.send(new GetPublicAccessBlockCommand({ Bucket }))).PublicAccessBlockConfiguration,
    (client, Bucket, value) =>
      client.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: value })),
  ),
  setting('event notifications', 'after', async (client, Bucket) => {
    const { $metadata: _, ...value } = await client.send(new GetBucketNotificationConfigurationCommand({ Bucket }))
    return value
  }),
  setting('website', 'after', async (client, Bucket) => {
    const { $metadata: _, ...value } = await client.send(new GetBucketWebsiteCommand({ Bucket }))
    return value
  }),
  setting(
    'replication',
    'after',
    async (client, Bucket) => (await client.send(new GetBucketReplicationCommand({ Bucket }))).ReplicationConfiguration,
  ),
  setting(
    'logging',
    'after',
    async (client, Bucket) => (await client.send(new GetBucketLoggingCommand({ Bucket }))).LoggingEnabled,
  ),
]
