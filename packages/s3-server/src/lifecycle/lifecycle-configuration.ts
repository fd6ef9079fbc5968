import type { StorageClass } from '../objects/storage-class.ts'
import type { Tag } from '../objects/tags.ts'

/** When an action on current versions is due: days after their creation, or a date for all alike. */
export type LifecycleTime = { readonly days: number } | { readonly date: number }

export interface LifecycleFilter {
  /** How it was written, so that it is read back so: the old `Prefix` of a rule, `Filter`, or `Filter` with `And`. */
  readonly form: 'prefix' | 'filter' | 'and'
  readonly prefix: string | undefined
  readonly tags: readonly Tag[]
  /** Bytes; an object of just this size is not taken. */
  readonly sizeGreaterThan: number | undefined
  readonly sizeLessThan: number | undefined
}

export type Transition = LifecycleTime & { readonly storageClass: StorageClass }

export interface NoncurrentTime {
  /** Days after a version was succeeded. */
  readonly days: number
  /** How many newer noncurrent versions there must be; the newest ones are spared. */
  readonly newerVersions: number | undefined
}

export type NoncurrentTransition = NoncurrentTime & { readonly storageClass: StorageClass }

export interface LifecycleRule {
  readonly id: string
  readonly enabled: boolean
  readonly filter: LifecycleFilter
  readonly expiration: LifecycleTime | { readonly expiredMarkers: boolean } | undefined
  readonly noncurrentExpiration: NoncurrentTime | undefined
  readonly transitions: readonly Transition[]
  readonly noncurrentTransitions: readonly NoncurrentTransition[]
  /** Days after its start at which an unfinished multipart upload is aborted. */
  readonly abortUploadsAfterDays: number | undefined
}

export const TRANSITION_SIZES = ['all_storage_classes_128K', 'varies_by_storage_class'] as const

export interface LifecycleConfiguration {
  readonly rules: readonly LifecycleRule[]
  /** Which small objects stay where they are, unless the rule's filter speaks of sizes. */
  readonly smallObjects: (typeof TRANSITION_SIZES)[number]
}
