import { actionsOf } from '@skycrate/core/access/operation'
import { locationsOf } from '@skycrate/core/access/locations'
import type { UserId } from '@skycrate/core/naming/id'
import type { StoreId } from '@skycrate/core/naming/store'
import type { Caller } from '@skycrate/core/access/permission'
import type { PermissionCache } from '../access/permission-cache.ts'
import type { Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import { type FolderRow, findBucketFolders, findFolders, findRuns, type UsageRun } from './usage-rows.ts'

export interface Place {
  readonly store: StoreId
  readonly bucket: string
  readonly prefix: string
}

/** What somebody asks about: places none of which is in another. */
export interface UsageScope {
  readonly all: boolean
  /** Undefined: every bucket. */
  readonly places: readonly Place[] | undefined
  readonly folders: readonly FolderRow[]
  readonly runs: readonly UsageRun[]
}

export type Asker = Exclude<Caller, { readonly guest: true }> & { readonly userId: UserId; readonly isAdmin: boolean }

/** Locations that are looked at of a person who has many. */
const MAX_PLACES = 5000

/** @throws AppError `forbidden` for `all` by somebody who is no administrator */
export async function usageScope(
  use: { readonly database: Sql; readonly permissions: PermissionCache; readonly now: () => number },
  who: Asker,
  scope: 'mine' | 'all',
): Promise<UsageScope> {
  const { database } = use
  if (scope === 'all') {
    if (!who.isAdmin) throw new AppError('forbidden', 'Only an administrator may see what everybody stores.')
    const folders = await findBucketFolders(database)
    return { all: true, places: undefined, folders, runs: await findRuns(database, undefined) }
  }
  const places = await ownPlaces(use, who)
  const buckets = [...new Map(places.map((place) => [`${place.store}/${place.bucket}`, place])).values()]
  return {
    all: false,
    places,
    folders: await findFolders(database, places),
    runs: await findRuns(database, buckets),
  }
}

/** Where the caller may list or read, without what lies in another of these places. */
export async function ownPlaces(
  { permissions, now }: { readonly permissions: PermissionCache; readonly now: () => number },
  who: Asker,
): Promise<Place[]> {
  const places: Place[] = []
  for (const { store, bucket, prefix, actions } of locationsOf(await permissions.permissionsOf(who), now())) {
    if (!actionsOf(actions).some((action) => action === 'list' || action === 'read')) continue
    const last = places.at(-1)
    if (last?.store === store && last.bucket === bucket && prefix.startsWith(last.prefix)) continue
    places.push({ store, bucket, prefix })
    if (places.length === MAX_PLACES) break
  }
  return places
}
