import type { UserId } from '@skycrate/core/naming/id'
import type { BucketSetting } from '../store/bucket-setting.ts'
import type { HomesConfig } from './homes-config.ts'

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
  if (config.webOrigins.length > 0) settings.push({ kind: 'cors', origins: config.webOrigins })
  settings.push(
    { kind: 'lifecycle', abortUploadsAfterDays: ABORT_UPLOADS_AFTER_DAYS },
    { kind: 'tags', tags: bucketTags(userId) },
  )
  if (config.tlsOnly) settings.push({ kind: 'tls-only-policy' })
  return settings
}
