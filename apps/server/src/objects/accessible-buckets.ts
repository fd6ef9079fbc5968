import type { Buckets } from '@skycrate/contract/objects/schemas'
import { actionsOf } from '@skycrate/core/access/operation'
import type { PermissionSet } from '@skycrate/core/access/permission-set'
import { locationPage } from '../access/location-page.ts'

/**
 * A page of the locations of a caller, grouped by bucket. A bucket that has more of them than fit goes on with the next
 * page.
 *
 * @param limit locations of the page at most
 * @throws AppError `invalid-cursor`
 */
export function accessibleBuckets(
  permissions: PermissionSet,
  limit: number,
  cursor: string | undefined,
  now: number,
): Buckets {
  const { locations, following, nextCursor } = locationPage(permissions, limit, cursor, now)
  const buckets: Buckets['buckets'] = []
  for (const { store, bucket, prefix, actions, expiresAt } of locations) {
    let last = buckets.at(-1)
    if (last?.store !== store || last.bucket !== bucket) {
      buckets.push((last = { store, bucket, locations: [], moreLocations: false }))
    }
    const end = expiresAt === Number.POSITIVE_INFINITY ? null : new Date(expiresAt).toISOString()
    last.locations.push({ prefix, actions: actionsOf(actions), expiresAt: end })
  }
  const last = buckets.at(-1)
  if (last && following?.store === last.store && following.bucket === last.bucket) last.moreLocations = true
  return { buckets, nextCursor }
}
