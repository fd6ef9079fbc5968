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
  type Tag,
} from '@aws-sdk/client-s3'
import type { SettingFound } from '../bucket-admin.ts'
import type { BucketSetting, SettingKind } from '../bucket-setting.ts'
import { isUnsupported, NONE } from './setting-failure.ts'
import { storeFailure } from './store-failure.ts'
import { hasTlsOnlyStatement, withTlsOnlyStatement } from './tls-only-policy.ts'

export interface SettingCall {
  readonly client: S3Client
  readonly bucket: string
  readonly region: string
  readonly aws: boolean
  readonly options: { readonly abortSignal: AbortSignal }
}

type SettingOf<K extends SettingKind> = Extract<BucketSetting, { kind: K }>

interface SettingOperations<K extends SettingKind> {
  /** Keeps what others have set beside it. */
  put(call: SettingCall, setting: SettingOf<K>): Promise<unknown>
  /** The SDK's errors for "there is none" come through; the caller knows them. */
  read(call: SettingCall, setting: SettingOf<K>): Promise<SettingFound>
}

const PUBLIC_ACCESS_BLOCK = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
} as const

/** By these the store's answer tells which rules are SkyCrate's. */
const CORS_RULE = 'skycrate'
const LIFECYCLE_RULES = 'skycrate-'
/** Of these, those that move objects between classes: they are set apart from the retention of the bucket. */
export const TIERING_RULES = 'skycrate-tier-'

const standing = (found: string | null, matches: boolean): SettingFound => ({
  state: matches ? 'as-wanted' : found === null ? 'absent' : 'different',
  found,
})

/** What stands there now, to be kept; nothing where there is none, or where the store doesn't know the question. */
async function current<T>(call: SettingCall, none: T, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    const failure = storeFailure(error)
    if (NONE.has(failure.code) || isUnsupported(failure, call.aws)) return none
    throw error
  }
}

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
  ID: CORS_RULE,
  AllowedOrigins: [...setting.origins],
  AllowedMethods: [...setting.methods],
  AllowedHeaders: [...setting.allowedHeaders],
  ExposeHeaders: [...setting.exposedHeaders],
  MaxAgeSeconds: 3600,
})

/** Whether a rule is SkyCrate's, for these or for earlier origins; a store may drop the name. */
const isOwnCorsRule = (rule: CORSRule, setting: SettingOf<'cors'>): boolean =>
  rule.ID === CORS_RULE ||
  (sameMembers(rule.AllowedMethods, setting.methods) &&
    sameMembers(rule.AllowedHeaders, setting.allowedHeaders) &&
    sameMembers(rule.ExposeHeaders, setting.exposedHeaders))

const lifecycleRules = ({ abortUploadsAfterDays, keepOldVersionsDays }: SettingOf<'lifecycle'>): LifecycleRule[] => [
  {
    ID: `${LIFECYCLE_RULES}abort-unfinished-uploads`,
    Status: 'Enabled',
    Filter: { Prefix: '' },
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: abortUploadsAfterDays },
  },
  {
    ID: `${LIFECYCLE_RULES}expire-old-versions`,
    Status: 'Enabled',
    Filter: { Prefix: '' },
    NoncurrentVersionExpiration: { NoncurrentDays: keepOldVersionsDays },
    // A marker that hides nothing any more only costs lists their time.
    Expiration: { ExpiredObjectDeleteMarker: true },
  },
]

const coversAll = ({ Status, Filter, Prefix }: LifecycleRule): boolean =>
  Status === 'Enabled' &&
  (Prefix ?? '') === '' &&
  (Filter === undefined || Object.entries(Filter).every(([name, value]) => name === 'Prefix' && value === ''))

const daysOf = (days: readonly (number | undefined)[]): number | undefined => {
  const set = days.filter((each) => each !== undefined)
  return set.length === 0 ? undefined : Math.min(...set)
}

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
      const block = answer.PublicAccessBlockConfiguration ?? {}
      const names = Object.keys(PUBLIC_ACCESS_BLOCK) as (keyof typeof PUBLIC_ACCESS_BLOCK)[]
      const set = names.filter((name) => block[name] === true)
      return standing(set.length === 0 ? null : set.join(', '), set.length === names.length)
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
      const found = (answer.ServerSideEncryptionConfiguration?.Rules ?? []).flatMap(
        (rule) => rule.ApplyServerSideEncryptionByDefault ?? [],
      )
      const wanted = encryptionRule(setting).ApplyServerSideEncryptionByDefault
      const matches = found.some(
        (set) =>
          set.SSEAlgorithm === wanted?.SSEAlgorithm &&
          (wanted?.KMSMasterKeyID === undefined || set?.KMSMasterKeyID === wanted.KMSMasterKeyID),
      )
      const texts = found.map((set) => [set.SSEAlgorithm, set.KMSMasterKeyID].filter(Boolean).join(' '))
      return standing(texts.length === 0 ? null : texts.join(', '), matches)
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
      const found = (answer.OwnershipControls?.Rules ?? []).map((rule) => String(rule.ObjectOwnership))
      return standing(found.length === 0 ? null : found.join(', '), found.includes('BucketOwnerEnforced'))
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
      return standing(Status ?? null, Status === 'Enabled')
    },
  },
  cors: {
    put: async (call, setting) => {
      const { client, bucket, options } = call
      const rules = await current(call, [], () => corsRulesOf(call))
      const kept = rules.filter((rule) => !isOwnCorsRule(rule, setting))
      await client.send(
        new PutBucketCorsCommand({ Bucket: bucket, CORSConfiguration: { CORSRules: [corsRule(setting), ...kept] } }),
        options,
      )
    },
    read: async (call, setting) => {
      const rules = await corsRulesOf(call)
      const matches = rules.some(
        (rule) => isOwnCorsRule(rule, setting) && sameMembers(rule.AllowedOrigins, setting.origins),
      )
      const origins = [...new Set(rules.flatMap((rule) => rule.AllowedOrigins ?? []))]
      return standing(rules.length === 0 ? null : origins.join(', '), matches)
    },
  },
  lifecycle: {
    put: async (call, setting) => {
      const { client, bucket, options } = call
      const rules = await current(call, [], () => lifecycleRulesOf(call))
      const kept = rules.filter(({ ID = '' }) => !ID.startsWith(LIFECYCLE_RULES) || ID.startsWith(TIERING_RULES))
      await client.send(
        new PutBucketLifecycleConfigurationCommand({
          Bucket: bucket,
          LifecycleConfiguration: { Rules: [...kept, ...lifecycleRules(setting)] },
        }),
        options,
      )
    },
    read: async (call, { abortUploadsAfterDays, keepOldVersionsDays }) => {
      const rules = await lifecycleRulesOf(call)
      const all = rules.filter(coversAll)
      const aborts = daysOf(all.map((rule) => rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation))
      const expires = daysOf(all.map((rule) => rule.NoncurrentVersionExpiration?.NoncurrentDays))
      const texts = [
        aborts === undefined ? [] : `Unfinished uploads expire after ${aborts} days`,
        expires === undefined ? [] : `Old versions expire after ${expires} days`,
        rules.length > 0 && aborts === undefined && expires === undefined ? `${rules.length} other rules` : [],
      ].flat()
      const matches = aborts === abortUploadsAfterDays && expires === keepOldVersionsDays
      return standing(texts.length === 0 ? null : texts.join(', '), matches)
    },
  },
  tags: {
    put: async (call, { tags }) => {
      const { client, bucket, options } = call
      const kept = (await current(call, [], () => tagsOf(call))).filter(({ Key }) => !Object.hasOwn(tags, Key ?? ''))
      const own = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
      await client.send(
        new PutBucketTaggingCommand({ Bucket: bucket, Tagging: { TagSet: [...kept, ...own] } }),
        options,
      )
    },
    read: async (call, { tags }) => {
      const set = await tagsOf(call)
      const matches = Object.entries(tags).every(([key, value]) =>
        set.some((tag) => tag.Key === key && tag.Value === value),
      )
      return standing(set.length === 0 ? null : set.map(({ Key, Value }) => `${Key}=${Value}`).join(', '), matches)
    },
  },
  'tls-only-policy': {
    put: async (call) => {
      const { client, bucket, region, options } = call
      const policy = await current(call, undefined, () => policyOf(call))
      const Policy = withTlsOnlyStatement(policy, bucket, region)
      await client.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }), options)
    },
    read: async (call) => {
      const policy = await policyOf(call)
      return standing(
        policy === undefined ? null : 'a bucket policy',
        policy !== undefined && hasTlsOnlyStatement(policy),
      )
    },
  },
}

async function corsRulesOf({ client, bucket, options }: SettingCall): Promise<CORSRule[]> {
  return (await client.send(new GetBucketCorsCommand({ Bucket: bucket }), options)).CORSRules ?? []
}

async function lifecycleRulesOf({ client, bucket, options }: SettingCall): Promise<LifecycleRule[]> {
  return (await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket: bucket }), options)).Rules ?? []
}

async function tagsOf({ client, bucket, options }: SettingCall): Promise<Tag[]> {
  return (await client.send(new GetBucketTaggingCommand({ Bucket: bucket }), options)).TagSet ?? []
}

async function policyOf({ client, bucket, options }: SettingCall): Promise<string | undefined> {
  return (await client.send(new GetBucketPolicyCommand({ Bucket: bucket }), options)).Policy
}

/** How this setting is put and read back. */
export function operationsFor(setting: BucketSetting): SettingOperations<SettingKind> {
  // The table pairs each kind with its own operations, which the compiler cannot follow through an index of a union.
  return SETTING_OPERATIONS[setting.kind] as SettingOperations<SettingKind>
}
