import type { StoreResult } from './object-store.ts'

/** A version of an object, or a deletion of it. */
export interface StoredVersion {
  /** `null` for what was written while the bucket kept no versions. */
  readonly versionId: string
  /** Bytes; 0 for a deletion. */
  readonly size: number
  /** Without quotes; '' for a deletion. */
  readonly etag: string
  readonly lastModified: Date
  readonly storageClass: string
  readonly isLatest: boolean
  readonly isDeleteMarker: boolean
}

export interface VersionPage {
  /** Newest first. */
  readonly versions: readonly StoredVersion[]
  /** Of the last version, where there are more. */
  readonly next: string | undefined
}

export interface StoredDeletion {
  readonly key: string
  readonly versionId: string
  readonly deletedAt: Date
  /** Bytes of the newest version before it; undefined where the page holds none. */
  readonly size: number | undefined
}

/** The deletions below a prefix that are in effect. */
export interface DeletionPage {
  readonly deletions: readonly StoredDeletion[]
  readonly next: { readonly key: string; readonly versionId: string | undefined } | undefined
}

/** Earlier versions of objects. Throws as `Store` says. */
export interface VersionStore {
  /** @param after the version that the page before ended with */
  listVersions(bucket: string, key: string, after: string | undefined, limit: number): Promise<StoreResult<VersionPage>>
  /** Keys below a prefix whose latest version is a deletion. A page may be empty and still not the last. */
  listDeletions(bucket: string, prefix: string, after: DeletionPage['next']): Promise<StoreResult<DeletionPage>>
  /** Deletes a version or a deletion for good. One that is gone is fine. */
  deleteVersion(bucket: string, key: string, versionId: string): Promise<StoreResult<undefined>>
  /** Whether the bucket keeps what is replaced or deleted. False also where that can't be told. */
  keepsVersions(bucket: string): Promise<boolean>
}
