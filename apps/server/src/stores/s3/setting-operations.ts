import {
  type CORSRule,
  GetBucketCorsCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  type LifecycleRule,
  PutBucketCorsCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
  type ServerSideEncryptionRule,
} from '@aws-sdk/client-s3'
import type { BucketSetting, SettingKind } from '../bucket-setting.ts'
import type { SettingState } from '../bucket-admin.ts'
import { hasTlsOnlyStatement, tlsOnlyPolicy } from './tls-only-policy.ts'

export interface SettingCall {
  readonly client: S3Client
  readonly bucket: string
  readonly region: string
  readonly options: { readonly abortSignal: AbortSignal }
}

type SettingOf<K extends SettingKind> = Extract<BucketSetting, { kind: K }>

interface SettingOperations<K extends SettingKind> {
  put(call: SettingCall, setting: SettingOf<K>): Promise<unknown>
  /** The SDK's errors for "there is none" come through; the caller knows them. */
  read(call: SettingCall, setting: SettingOf<K>): Promise<SettingState>
}

const PUBLIC_ACCESS_BLOCK = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
} as const

const state = (present: boolean, matches: boolean): SettingState =>
  matches ? 'as-wanted' : present ? 'different' : 'absent'

/** Stores sort them as they like. */
function sameMembers(found: readonly string[] | undefined, wanted: readonly string[]): boolean {
  return new Set(found).symmetricDifference(new Set(wanted)).size === 0
}

function encryptionRule(setting: SettingOf<'encryption'>): ServerSideEncryptionRule {
  if (setting.with === 'AES256') return { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }
  return {
    ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: setting.with.kmsKeyId },
    // Without it each object costs a call of KMS.
    BucketKeyEnabled: true,
  }
}

const corsRule = (setting: SettingOf<'cors'>): CORSRule => ({
  AllowedOrigins: [...setting.origins],
  AllowedMethods: [...setting.methods],
  AllowedHeaders: [...setting.allowedHeaders],
  ExposeHeaders: [...setting.exposedHeaders],
  MaxAgeSeconds: 3600,
})

const lifecycleRule = (days: number): LifecycleRule => ({
  ID: 'skycrate-abort-unfinished-uploads',
  Status: 'Enabled',
  Filter: { Prefix: '' },
  AbortIncompleteMultipartUpload: { DaysAfterInitiation: days },
})

/** How each setting is put and read back; a kind without its pair does not compile. */
const SETTING_OPERATIONS: { readonly [K in SettingKind]: SettingOperations<K> } = {
  'public-access-block': {
    put: ({ client, bucket, options }) =>
      client.send(
        new PutPublicAccessBlockCommand({ Bucket: bucket, PublicAccessBlockConfiguration: PUBLIC_ACCESS_BLOCK }),
        options,
      ),
    read: async ({ client, bucket, options }) => {
      const answer = await client.send(new GetPublicAccessBlockCommand({ Bucket: bucket }), options)
      const set = answer.PublicAccessBlockConfiguration ?? {}
      const names = Object.keys(PUBLIC_ACCESS_BLOCK) as (keyof typeof PUBLIC_ACCESS_BLOCK)[]
      return state(
        names.some((name) => set[name] === true),
        names.every((name) => set[name] === true),
      )
    },
  },
  encryption: {
    put: ({ client, bucket, options }, setting) =>
      client.send(
        new PutBucketEncryptionCommand({
          Bucket: bucket,
          ServerSideEncryptionConfiguration: { Rules: [encryptionRule(setting)] },
        }),
        options,
      ),
    read: async ({ client, bucket, options }, setting) => {
      const answer = await client.send(new GetBucketEncryptionCommand({ Bucket: bucket }), options)
      const rules = answer.ServerSideEncryptionConfiguration?.Rules ?? []
      const wanted = encryptionRule(setting).ApplyServerSideEncryptionByDefault
      const matches = rules.some(
        ({ ApplyServerSideEncryptionByDefault: set }) =>
          set?.SSEAlgorithm === wanted?.SSEAlgorithm &&
          (wanted?.KMSMasterKeyID === undefined || set?.KMSMasterKeyID === wanted.KMSMasterKeyID),
      )
      return state(rules.length > 0, matches)
    },
  },
  'ownership-controls': {
    put: ({ client, bucket, options }) =>
      client.send(
        new PutBucketOwnershipControlsCommand({
          Bucket: bucket,
          OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        }),
        options,
      ),
    read: async ({ client, bucket, options }) => {
      const answer = await client.send(new GetBucketOwnershipControlsCommand({ Bucket: bucket }), options)
      const rules = answer.OwnershipControls?.Rules ?? []
      return state(
        rules.length > 0,
        rules.some((rule) => rule.ObjectOwnership === 'BucketOwnerEnforced'),
      )
    },
  },
  versioning: {
    put: ({ client, bucket, options }) =>
      client.send(
        new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }),
        options,
      ),
    read: async ({ client, bucket, options }) => {
      const { Status } = await client.send(new GetBucketVersioningCommand({ Bucket: bucket }), options)
      return state(Status !== undefined, Status === 'Enabled')
    },
  },
  cors: {
    put: ({ client, bucket, options }, setting) =>
      client.send(
        new PutBucketCorsCommand({ Bucket: bucket, CORSConfiguration: { CORSRules: [corsRule(setting)] } }),
        options,
      ),
    read: async ({ client, bucket, options }, setting) => {
      const { CORSRules: rules = [] } = await client.send(new GetBucketCorsCommand({ Bucket: bucket }), options)
      const matches = rules.some(
        (rule) =>
          sameMembers(rule.AllowedOrigins, setting.origins) &&
          sameMembers(rule.AllowedMethods, setting.methods) &&
          sameMembers(rule.AllowedHeaders, setting.allowedHeaders) &&
          sameMembers(rule.ExposeHeaders, setting.exposedHeaders),
      )
      return state(rules.length > 0, matches)
    },
  },
  lifecycle: {
    put: ({ client, bucket, options }, { abortUploadsAfterDays }) =>
      client.send(
        new PutBucketLifecycleConfigurationCommand({
          Bucket: bucket,
          LifecycleConfiguration: { Rules: [lifecycleRule(abortUploadsAfterDays)] },
        }),
        options,
      ),
    read: async ({ client, bucket, options }, { abortUploadsAfterDays }) => {
      const answer = await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket: bucket }), options)
      const rules = answer.Rules ?? []
      const matches = rules.some(
        (rule) =>
          rule.Status === 'Enabled' &&
          rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation === abortUploadsAfterDays,
      )
      return state(rules.length > 0, matches)
    },
  },
  tags: {
    put: ({ client, bucket, options }, { tags }) =>
      client.send(
        new PutBucketTaggingCommand({
          Bucket: bucket,
          Tagging: { TagSet: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) },
        }),
        options,
      ),
    read: async ({ client, bucket, options }, { tags }) => {
      const { TagSet: set = [] } = await client.send(new GetBucketTaggingCommand({ Bucket: bucket }), options)
      const matches = Object.entries(tags).every(([key, value]) =>
        set.some((tag) => tag.Key === key && tag.Value === value),
      )
      return state(set.length > 0, matches)
    },
  },
  'tls-only-policy': {
    put: ({ client, bucket, region, options }) =>
      client.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: tlsOnlyPolicy(bucket, region) }), options),
    read: async ({ client, bucket, options }) => {
      const { Policy: policy } = await client.send(new GetBucketPolicyCommand({ Bucket: bucket }), options)
      return state(policy !== undefined, policy !== undefined && hasTlsOnlyStatement(policy))
    },
  },
}

/** How this setting is put and read back. */
export function operationsFor(setting: BucketSetting): SettingOperations<SettingKind> {
  // The table pairs each kind with its own operations, which the compiler cannot follow through an index of a union.
  return SETTING_OPERATIONS[setting.kind] as SettingOperations<SettingKind>
}
