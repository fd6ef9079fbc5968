import type { ObjectList } from '@skycrate/contract/objects/schemas'

export interface ListRequest {
  readonly bucket: string
  readonly prefix: string
  readonly delimiter?: string | undefined
  readonly cursor?: string | undefined
  /** 1–1,000; objects and prefixes together. */
  readonly limit: number
}

export type StoreResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: 'no-such-bucket' }

/** What SkyCrate itself does to objects. Throws as `Store` says. */
export interface ObjectStore {
  isEmpty(bucket: string): Promise<boolean>
  /** @throws AppError `invalid-cursor` */
  listObjects(request: ListRequest): Promise<StoreResult<ObjectList>>
  /** An object that is not there is fine. */
  deleteObject(bucket: string, key: string): Promise<StoreResult<undefined>>
  /** Deletes versions, delete markers and unfinished uploads, then the bucket. A bucket that is gone is fine. */
  deleteBucketCompletely(bucket: string): Promise<void>
  /** The same for what lies under a prefix, leaving the bucket. */
  deletePrefixCompletely(bucket: string, prefix: string): Promise<void>
}
