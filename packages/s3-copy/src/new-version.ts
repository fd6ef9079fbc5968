import type { Attribute } from './attributes.ts'

/** What has become of a version that was written to the target. */
export interface NewVersion {
  /** Undefined where the target keeps no versions. */
  readonly versionId: string | undefined
  /** Without quotes. */
  readonly etag: string
  /**
   * By what it is known that the bytes are the source's: the ETags are equal, the target has verified the source's own
   * checksum, the MD5 of what went by is the target's ETag, or both sides were read; undefined when they are not.
   */
  readonly verifiedBy: 'etag' | 'checksum' | 'md5' | 'reading' | undefined
  /** In what it differs from the original. */
  readonly lost: readonly Attribute[]
}
