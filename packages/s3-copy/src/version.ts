/** A version of a key as a listing tells it. */
export interface Version {
  /** Undefined where the store keeps no versions and knows no ids. */
  readonly versionId: string | undefined
  readonly isMarker: boolean
  /** Bytes; 0 for a delete marker. */
  readonly size: number
  /** Without quotes; '' for a delete marker. */
  readonly etag: string
  readonly modifiedAt: Date
}

export interface KeyVersions {
  readonly key: string
  /** Oldest first. */
  readonly versions: readonly Version[]
}
