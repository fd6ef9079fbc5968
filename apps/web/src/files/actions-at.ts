import type { Buckets } from '@skycrate/contract/objects/schemas'

type AnyBucket = Buckets['buckets'][number]
export type Action = AnyBucket['locations'][number]['actions'][number]

/** What of a bucket's locations matters here. */
export interface Bucket {
  readonly bucket: string
  readonly locations: readonly { readonly prefix: string; readonly actions: readonly Action[] }[]
  readonly moreLocations: boolean
}

export const EVERY_ACTION: ReadonlySet<Action> = new Set<Action>(['read', 'write', 'delete', 'list'])

/**
 * What the caller may do below a prefix: for showing and hiding only, the server decides (`decide` in core). Locations
 * add up, and reach everything that begins with their prefix.
 *
 * @param bucket undefined where the part of the list that was fetched does not name it: everything is shown then, and
 * the server refuses what it refuses. So it is with a bucket of more locations than the list names.
 */
export function actionsAt(bucket: Bucket | undefined, prefix: string): ReadonlySet<Action> {
  if (!bucket || bucket.moreLocations) return EVERY_ACTION
  return new Set(bucket.locations.filter((each) => prefix.startsWith(each.prefix)).flatMap(({ actions }) => actions))
}

/** The pages of a guest are read-only, whatever the permissions: the routes that change something take no guests. */
export const actionsForGuest = (actions: Iterable<Action>): Action[] =>
  [...actions].filter((action) => action === 'list' || action === 'read')

/** The outermost location that a prefix lies in: where its breadcrumbs begin. '' where none is known. */
export function rootOf(bucket: Bucket | undefined, prefix: string): string {
  const within = (bucket?.locations ?? []).map((each) => each.prefix).filter((each) => prefix.startsWith(each))
  return within.sort((a, b) => a.length - b.length)[0] ?? ''
}
