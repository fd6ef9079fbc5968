import type { ObjectList } from '@skycrate/contract/objects/schemas'
import type { BucketSetting } from './bucket-setting.ts'

/** What a name leads to: a bucket that answers us, one that does not let us in, or nothing. */
export type BucketPresence = 'owned' | 'forbidden' | 'absent'

/**
 * `created` also stands for a bucket of one's own that was there before: us-east-1 and Ceph answer 200 to both.
 * `taken` is somebody else's.
 */
export type CreateOutcome = 'created' | 'already-owned' | 'taken'

export type SettingOutcome =
  | { readonly outcome: 'applied'; readonly reason: null }
  /** This store cannot do it: it says so, or says yes and keeps nothing. */
  | { readonly outcome: 'unsupported'; readonly reason: string }
  | { readonly outcome: 'failed'; readonly reason: string }

/** What stands at the store for a setting, beside what is wanted. */
export type SettingState = 'as-wanted' | 'absent' | 'different'

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

/**
 * The S3 service behind SkyCrate, reached through the S3 API alone.
 *
 * Every request to it ends within the request time-out, its retries included. All methods throw AppError
 * `store-unavailable` where the store cannot be reached, is overloaded or broken, and `store-refused` (the store's own
 * answer as `cause`, for the log) where it understood and said no.
 */
export interface Store {
  readonly region: string
  headBucket(bucket: string): Promise<BucketPresence>
  createBucket(bucket: string): Promise<CreateOutcome>
  /** @returns false where the bucket is not empty; true where it is gone, also when it was before */
  deleteEmptyBucket(bucket: string): Promise<boolean>
  /** Removes versions, delete markers and unfinished uploads, then the bucket. A bucket that is gone is fine. */
  deleteBucketCompletely(bucket: string): Promise<void>
  /** The same for what lies under a prefix, leaving the bucket. */
  deletePrefixCompletely(bucket: string, prefix: string): Promise<void>
  isEmpty(bucket: string): Promise<boolean>
  /** @returns undefined where the bucket has none */
  readTags(bucket: string): Promise<Readonly<Record<string, string>> | undefined>
  /** Sets it and reads it back: stores are known that answer 200 and keep nothing. */
  applySetting(bucket: string, setting: BucketSetting): Promise<SettingOutcome>
  readSetting(bucket: string, setting: BucketSetting): Promise<SettingState>
  /** @throws AppError `invalid-cursor` */
  listObjects(request: ListRequest): Promise<StoreResult<ObjectList>>
  /** An object that is not there is fine. */
  deleteObject(bucket: string, key: string): Promise<StoreResult<undefined>>
  /** Resolves where the store answers and knows our credentials. */
  ping(): Promise<void>
  close(): void
}
