import type { StoreId } from '../naming/store.ts'
import { ACTION_BIT, ACTIONS, type Action, type ActionSet } from './operation.ts'
import type { Grant, PermissionSet } from './permission-set.ts'

/** A place and what may be done there. */
export interface Location {
  readonly store: StoreId
  readonly bucket: string
  /** `''` or ending in `/`. */
  readonly prefix: string
  readonly actions: ActionSet
  /** Milliseconds since the epoch from which on not all of it holds any more; Infinity when nothing ends it. */
  readonly expiresAt: number
}

/**
 * What a caller's permissions come to: the fewest locations that cover exactly what `decide` allows now, in order of
 * store, bucket and prefix. An action that a folder above has already is not named again.
 *
 * @param now milliseconds since the epoch
 */
export function locationsOf(permissions: PermissionSet, now: number): Location[] {
  const locations: Location[] = []
  for (const [store, byBucket] of sorted(permissions.byStore)) {
    for (const [bucket, prefixes] of sorted(byBucket)) {
      for (const [prefix, grants] of sorted(prefixes)) {
        let actions: ActionSet = 0
        let expiresAt = Number.POSITIVE_INFINITY
        for (const action of ACTIONS) {
          if (isCovered(prefixes, prefix, action, now)) continue
          const end = endOf(grants, action)
          if (end <= now) continue
          actions |= ACTION_BIT[action]
          expiresAt = Math.min(expiresAt, end)
        }
        if (actions !== 0) locations.push({ store, bucket, prefix, actions, expiresAt })
      }
    }
  }
  return locations
}

function sorted<K extends string, V>(map: ReadonlyMap<K, V>): [K, V][] {
  return [...map].toSorted(([a], [b]) => (a < b ? -1 : 1))
}

/** When the last of the grants of an action ends; -Infinity without any. */
function endOf(grants: readonly Grant[], action: Action): number {
  let end = Number.NEGATIVE_INFINITY
  for (const grant of grants) if ((grant.actions & ACTION_BIT[action]) !== 0) end = Math.max(end, grant.expiresAt)
  return end
}

/** Whether a folder above `prefix` has the action. */
function isCovered(
  prefixes: ReadonlyMap<string, readonly Grant[]>,
  prefix: string,
  action: Action,
  now: number,
): boolean {
  for (let end = 0; end < prefix.length; end = prefix.indexOf('/', end) + 1) {
    if (endOf(prefixes.get(prefix.slice(0, end)) ?? [], action) > now) return true
  }
  return false
}
