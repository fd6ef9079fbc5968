import type { ObjectList } from '@skycrate/contract/objects/schemas'

export interface ListRequest {
  readonly bucket: string
  readonly prefix: string
  readonly delimiter?: string | undefined
  readonly cursor?: string | undefined
  /** Only what comes after this key, which need not exist. */
  readonly startAfter?: string | undefined
  /** 1–1,000; objects and prefixes together. */
  readonly limit: number
}

export type StoreResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: 'no-such-bucket' }

/** A deletion or a count that may take hours. */
export interface LongRun {
  /** Ends it between two requests; the promise then rejects with the signal's reason. */
  readonly signal: AbortSignal
  /** Called after each batch with how many versions, markers or uploads it had; waited for. */
  readonly advanced: (items: number) => Promise<void>
}

/** What a bucket or a part of it holds. Sizes are in bytes. */
export interface Contents {
  readonly objects: number
  readonly bytes: number
  /** Versions that were replaced or deleted and are still kept. */
  readonly oldVersions: number
  readonly oldBytes: number
  readonly deleteMarkers: number
  readonly unfinishedUploads: number
}

/** Where a count goes on; opaque. */
export interface CountCursor {
  readonly key: string
  readonly versionId: string | undefined
}

export interface CountedPage {
  /** Of this page alone. */
  readonly contents: Contents
  /** Undefined after the last page. */
  readonly next: CountCursor | undefined
}

/** A page of a listing, as the store gives it. */
export type ObjectPage = Omit<ObjectList, 'keepsVersions'>

/** What SkyCrate itself does to objects. Throws as `Store` says. */
export interface ObjectStore {
  isEmpty(bucket: string): Promise<boolean>
  /** @throws AppError `invalid-cursor` */
  listObjects(request: ListRequest): Promise<StoreResult<ObjectPage>>
  /** An object that is not there is fine. */
  deleteObject(bucket: string, key: string): Promise<StoreResult<undefined>>
  /** The same for many, at most 1,000. */
  deleteObjects(bucket: string, keys: readonly string[]): Promise<StoreResult<undefined>>
  /** Deletes versions, delete markers and unfinished uploads, then the bucket. A bucket that is gone is fine. */
  deleteBucketCompletely(bucket: string, run?: LongRun): Promise<void>
  /** The same for what lies under a prefix, leaving the bucket. */
  deletePrefixCompletely(bucket: string, prefix: string, run?: LongRun): Promise<void>
  /**
   * Counts a page of what is there. Unfinished uploads are counted with the first one.
   * @param cursor undefined for the first page
   */
  countContents(bucket: string, prefix: string, cursor: CountCursor | undefined): Promise<StoreResult<CountedPage>>
}
