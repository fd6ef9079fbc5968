import type { BucketSetting } from './bucket-setting.ts'

/** What a name leads to: a bucket that answers us, one that refuses us, or nothing. */
export type BucketPresence = 'owned' | 'forbidden' | 'absent'

/** What a store says of a name. */
export interface FoundBucket {
  readonly presence: BucketPresence
  /** Where the bucket is; undefined where the store doesn't say. */
  readonly region: string | undefined
}

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

export interface SettingFound {
  readonly state: SettingState
  /** What stands there, in a few words for a person; null where nothing does. */
  readonly found: string | null
}

export type SettingInspection =
  | ({ readonly outcome: 'read' } & SettingFound)
  /** This store does not have the setting at all. */
  | { readonly outcome: 'unsupported'; readonly reason: string }
  /** It could not be read: not permitted, say. */
  | { readonly outcome: 'unknown'; readonly reason: string }

/** Creates, inspects and deletes buckets. Throws as `Store` says. */
export interface BucketAdmin {
  /** Looks for a bucket in every region of the store. */
  findBucket(bucket: string): Promise<FoundBucket>
  /** @param region of the store; its own when absent */
  createBucket(bucket: string, region?: string): Promise<CreateOutcome>
  /** @returns false where the bucket is not empty; true where it is gone, also when it was before */
  deleteEmptyBucket(bucket: string): Promise<boolean>
  /** @returns undefined where there is no such bucket */
  readTags(bucket: string): Promise<Readonly<Record<string, string>> | undefined>
  /**
   * Sets it, keeping what others have set beside it (rules, tags, statements of a policy), and reads it back: stores are
   * known that answer 200 and keep nothing.
   */
  applySetting(bucket: string, setting: BucketSetting): Promise<SettingOutcome>
  readSetting(bucket: string, setting: BucketSetting): Promise<SettingState>
  /** The same for a person who wants to know what stands there, or why it can't be told. */
  inspectSetting(bucket: string, setting: BucketSetting): Promise<SettingInspection>
}
