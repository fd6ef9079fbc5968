import { type Location, locationsOf } from '@skycrate/core/access/locations'
import type { PermissionSet } from '@skycrate/core/access/permission-set'
import { AppError } from '../errors/app-error.ts'

export interface LocationPage {
  readonly locations: readonly Location[]
  /** The first location of the next page. */
  readonly following: Location | undefined
  readonly nextCursor: string | null
}

type Place = readonly [store: string, bucket: string, prefix: string]

/**
 * A page of what a set of permissions allows now, in order of store, bucket and prefix.
 * @throws AppError `invalid-cursor`
 */
export function locationPage(
  permissions: PermissionSet,
  limit: number,
  cursor: string | undefined,
  now: number,
): LocationPage {
  const all = locationsOf(permissions, now)
  const after = cursor === undefined ? undefined : readCursor(cursor)
  const rest = after === undefined ? all : all.filter((location) => isAfter(location, after))
  const locations = rest.slice(0, limit)
  const following = rest[limit]
  return { locations, following, nextCursor: following ? writeCursor(locations.at(-1)!) : null }
}

function isAfter({ store, bucket, prefix }: Location, after: Place): boolean {
  if (store !== after[0]) return store > after[0]
  if (bucket !== after[1]) return bucket > after[1]
  return prefix > after[2]
}

function writeCursor({ store, bucket, prefix }: Location): string {
  return Buffer.from(JSON.stringify([store, bucket, prefix])).toString('base64url')
}

function readCursor(text: string): Place {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    if (Array.isArray(parts) && parts.length === 3 && parts.every((part) => typeof part === 'string')) {
      return parts as unknown as Place
    }
  } catch {
    // Not one of ours, like the rest.
  }
  throw new AppError('invalid-cursor')
}
