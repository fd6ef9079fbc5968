import { isColder } from '../objects/storage-class.ts'
import type { StorageClass } from '../objects/storage-class.ts'
import type { Tag } from '../objects/tags.ts'
import type {
  LifecycleConfiguration,
  LifecycleFilter,
  LifecycleRule,
  LifecycleTime,
} from './lifecycle-configuration.ts'

const DAY = 86_400_000
const SMALL = 131_072

/** A version as the rules see it. */
export interface LifecycleSubject {
  readonly key: string
  readonly size: number
  readonly tags: readonly Tag[]
  readonly storageClass: string
  /** Milliseconds since 1970. */
  readonly modifiedAt: number
  readonly isDeleteMarker: boolean
  readonly place:
    | { readonly kind: 'current'; /** Whether it is the key's only version. */ readonly isOnly: boolean }
    | {
        readonly kind: 'noncurrent'
        /** When the version after it was made; milliseconds since 1970. */
        readonly since: number
        /** How many noncurrent versions of its key are newer. */
        readonly newerVersions: number
      }
}

export type LifecycleAction =
  | { readonly kind: 'none' }
  /** As a delete without version id: where versions are kept it makes a delete marker. */
  | { readonly kind: 'expire' }
  /** The version, or the delete marker, goes for good. */
  | { readonly kind: 'remove' }
  | { readonly kind: 'transition'; readonly storageClass: StorageClass }

/** When something that happened at `start` has lasted `days` days: S3 rounds up to the next midnight UTC. */
export const dueAfter = (start: number, days: number): number => (Math.floor((start + days * DAY) / DAY) + 1) * DAY

const dueAt = (time: LifecycleTime, modifiedAt: number): number =>
  'date' in time ? time.date : dueAfter(modifiedAt, time.days)

/** Delete markers have neither tags nor a size, so a filter that speaks of them does not take them. */
export const matchesFilter = (
  filter: LifecycleFilter,
  { key, size, tags, isDeleteMarker }: Pick<LifecycleSubject, 'key' | 'size' | 'tags' | 'isDeleteMarker'>,
): boolean => {
  const { prefix = '', sizeGreaterThan, sizeLessThan } = filter
  if (!key.startsWith(prefix)) return false
  const isAboutContent = filter.tags.length > 0 || sizeGreaterThan !== undefined || sizeLessThan !== undefined
  if (isDeleteMarker) return !isAboutContent
  return (
    (sizeGreaterThan === undefined || size > sizeGreaterThan) &&
    (sizeLessThan === undefined || size < sizeLessThan) &&
    filter.tags.every(([name, value]) => tags.some((tag) => tag[0] === name && tag[1] === value))
  )
}

const expires = (
  { expiration, noncurrentExpiration }: LifecycleRule,
  subject: LifecycleSubject,
  now: number,
): boolean => {
  const { place, modifiedAt, isDeleteMarker } = subject
  switch (place.kind) {
    case 'current':
      if (expiration === undefined) return false
      if ('expiredMarkers' in expiration) return expiration.expiredMarkers && isDeleteMarker && place.isOnly
      return (!isDeleteMarker || place.isOnly) && now >= dueAt(expiration, modifiedAt)
    case 'noncurrent':
      return (
        noncurrentExpiration !== undefined &&
        place.newerVersions >= (noncurrentExpiration.newerVersions ?? 0) &&
        now >= dueAfter(place.since, noncurrentExpiration.days)
      )
  }
}

/** The classes a rule would move the version to by now. */
const dueTransitions = (rule: LifecycleRule, { place, modifiedAt }: LifecycleSubject, now: number): StorageClass[] => {
  switch (place.kind) {
    case 'current':
      return rule.transitions
        .filter((transition) => now >= dueAt(transition, modifiedAt))
        .map(({ storageClass }) => storageClass)
    case 'noncurrent':
      return rule.noncurrentTransitions
        .filter(
          ({ days, newerVersions }) =>
            place.newerVersions >= (newerVersions ?? 0) && now >= dueAfter(place.since, days),
        )
        .map(({ storageClass }) => storageClass)
  }
}

/**
 * What the rules ask for a version at `now`. Removal wins over transition, the coldest transition over others.
 *
 * @param now milliseconds since 1970
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
 */
export const decideLifecycle = (
  { rules, smallObjects }: LifecycleConfiguration,
  subject: LifecycleSubject,
  now: number,
): LifecycleAction => {
  const matching = rules.filter((rule) => rule.enabled && matchesFilter(rule.filter, subject))
  if (matching.some((rule) => expires(rule, subject, now))) {
    return { kind: subject.place.kind === 'current' && !subject.isDeleteMarker ? 'expire' : 'remove' }
  }
  if (subject.isDeleteMarker) return { kind: 'none' }
  let target: StorageClass | undefined
  for (const rule of matching) {
    const { sizeGreaterThan, sizeLessThan } = rule.filter
    const isBySize = sizeGreaterThan !== undefined || sizeLessThan !== undefined
    for (const storageClass of dueTransitions(rule, subject, now)) {
      const isArchive = storageClass === 'GLACIER' || storageClass === 'DEEP_ARCHIVE'
      const takesSmall = isBySize || (isArchive && smallObjects === 'varies_by_storage_class')
      if (subject.size < SMALL && !takesSmall) continue
      if (isColder(target ?? subject.storageClass, storageClass)) target = storageClass
    }
  }
  return target === undefined ? { kind: 'none' } : { kind: 'transition', storageClass: target }
}

/** The first moment at which a rule expires an object made now, for `x-amz-expiration`; the earliest rule wins. */
export const nextExpiration = (
  { rules }: LifecycleConfiguration,
  subject: Pick<LifecycleSubject, 'key' | 'size' | 'tags' | 'modifiedAt'>,
): { readonly at: number; readonly ruleId: string } | undefined => {
  let next: { readonly at: number; readonly ruleId: string } | undefined
  for (const { enabled, filter, expiration, id } of rules) {
    if (!enabled || expiration === undefined || 'expiredMarkers' in expiration) continue
    if (!matchesFilter(filter, { ...subject, isDeleteMarker: false })) continue
    const at = dueAt(expiration, subject.modifiedAt)
    if (next === undefined || at < next.at) next = { at, ruleId: id }
  }
  return next
}
