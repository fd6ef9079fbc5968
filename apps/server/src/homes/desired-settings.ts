import type { UserId } from '@skycrate/core/naming/id'
import type { BucketSetting } from '../stores/bucket-setting.ts'
import type { HomesConfig } from './homes-config.ts'

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

/** The tags by which a bucket is known as SkyCrate's, also where the database has lost its record. */
export function bucketTags(userId: UserId | null): Readonly<Record<string, string>> {
  return { 'skycrate:managed': 'true', 'skycrate:user': userId ?? 'library' }
}

/** What a bucket gets after its creation, in this order: what protects it first. */
export function desiredSettings(
  config: Pick<HomesConfig, 'encryption' | 'webOrigins' | 'tlsOnly'>,
  userId: UserId | null,
): BucketSetting[] {
  const settings: BucketSetting[] = [
    { kind: 'public-access-block' },
    { kind: 'encryption', with: config.encryption },
    { kind: 'ownership-controls' },
    { kind: 'versioning' },
  ]
  // S3 has no CORS configuration without an origin.
  if (config.webOrigins.length > 0) {
    settings.push({
      kind: 'cors',
      origins: config.webOrigins,
      methods: METHODS,
      allowedHeaders: ALLOWED_HEADERS,
      exposedHeaders: EXPOSED_HEADERS,
    })
  }
  settings.push(
    { kind: 'lifecycle', abortUploadsAfterDays: ABORT_UPLOADS_AFTER_DAYS },
    { kind: 'tags', tags: bucketTags(userId) },
  )
  if (config.tlsOnly) settings.push({ kind: 'tls-only-policy' })
  return settings
}
