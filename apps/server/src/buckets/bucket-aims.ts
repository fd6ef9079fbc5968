import type { BucketSetting, SettingKind } from '../stores/bucket-setting.ts'
import type { BucketKind } from './bucket-records.ts'
import type { BucketsConfig } from './buckets-config.ts'

/** What the web app, the SDKs, Amplify and Uppy send from a browser, and what they must be able to read. */
const METHODS = ['GET', 'PUT', 'POST', 'HEAD', 'DELETE']
const ALLOWED_HEADERS = [
  'authorization',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-md5',
  'content-type',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-unmodified-since',
  'range',
  'amz-sdk-invocation-id',
  'amz-sdk-request',
  'x-amz-*',
]
const EXPOSED_HEADERS = [
  'ETag',
  'Accept-Ranges',
  'Content-Disposition',
  'Content-Length',
  'Content-Range',
  'x-amz-delete-marker',
  'x-amz-request-id',
  'x-amz-server-side-encryption',
  'x-amz-version-id',
]

const ABORT_UPLOADS_AFTER_DAYS = 7

/** What a bucket should be, in the order in which it is brought there: what protects it first. */
export const AIMS = [
  'no-public-access',
  'encrypted',
  'owner-only',
  'versioned',
  'cors',
  'lifecycle',
  'tagged',
  'tls-only',
] as const
export type Aim = (typeof AIMS)[number]

/** By which setting of S3 each aim is reached; an aim without one does not compile. */
export const SETTING_OF: Readonly<Record<Aim, SettingKind>> = {
  'no-public-access': 'public-access-block',
  encrypted: 'encryption',
  'owner-only': 'ownership-controls',
  versioned: 'versioning',
  cors: 'cors',
  lifecycle: 'lifecycle',
  tagged: 'tags',
  'tls-only': 'tls-only-policy',
}

/** Whose a bucket is: what its settings depend on. */
export interface BucketOwner {
  readonly kind: BucketKind
  readonly userId: string | null
  /** Days for which old versions are kept; null: as the configuration says. */
  readonly retentionDays: number | null
}

/** The tags by which a bucket is known as SkyCrate's, also where the database has lost its record. */
export function bucketTags({ kind, userId }: Pick<BucketOwner, 'kind' | 'userId'>): Readonly<Record<string, string>> {
  return { 'skycrate:managed': 'true', 'skycrate:user': userId ?? kind }
}

/** The settings that a bucket should have, in the order of the aims. Those that make no sense here are left out. */
export function settingsFor(owner: BucketOwner, config: BucketsConfig): BucketSetting[] {
  return AIMS.flatMap((aim) => settingFor(aim, owner, config) ?? [])
}

/** @returns undefined where the aim does not apply */
export function settingFor(aim: Aim, owner: BucketOwner, config: BucketsConfig): BucketSetting | undefined {
  switch (aim) {
    case 'no-public-access':
      return { kind: 'public-access-block' }
    case 'encrypted':
      return { kind: 'encryption', with: config.encryption }
    case 'owner-only':
      return { kind: 'ownership-controls' }
    case 'versioned':
      return { kind: 'versioning' }
    case 'cors':
      // S3 has no CORS configuration without an origin.
      if (config.webOrigins.length === 0) return undefined
      return {
        kind: 'cors',
        origins: config.webOrigins,
        methods: METHODS,
        allowedHeaders: ALLOWED_HEADERS,
        exposedHeaders: EXPOSED_HEADERS,
      }
    case 'lifecycle':
      return {
        kind: 'lifecycle',
        abortUploadsAfterDays: ABORT_UPLOADS_AFTER_DAYS,
        keepOldVersionsDays: owner.retentionDays ?? config.retentionDays,
      }
    case 'tagged':
      // The tags say that SkyCrate created the bucket.
      return owner.kind === 'registered' ? undefined : { kind: 'tags', tags: bucketTags(owner) }
    case 'tls-only':
      return config.tlsOnly ? { kind: 'tls-only-policy' } : undefined
  }
}
