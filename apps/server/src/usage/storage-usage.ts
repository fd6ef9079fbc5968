import type { StorageUsage, UsageQuery } from '@skycrate/contract/storage/schemas'
import { DEFAULT_STORE, type StoreId } from '@skycrate/core/naming/store'
import type { UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import { amountsOfFolder, byClassOf, countedAtOf } from './storage-stats.ts'
import { findChildren, findHomes, findOwners, type FolderRow } from './usage-rows.ts'
import type { UsageScope } from './usage-scope.ts'

type Row = StorageUsage['rows'][number]

const ROWS = 1000

/** @throws AppError `forbidden` for a folder that is not the caller's; `invalid-request` */
export async function storageUsage(sql: Sql, scope: UsageScope, query: UsageQuery, who: UserId): Promise<StorageUsage> {
  return { rows: await rowsOf(sql, scope, query, who), countedAt: countedAtOf(scope) }
}

async function rowsOf(sql: Sql, scope: UsageScope, query: UsageQuery, who: UserId): Promise<Row[]> {
  switch (query.by ?? 'location') {
    case 'location': {
      const largest = scope.folders.toSorted((a, b) => b.bytes - a.bytes).slice(0, ROWS)
      const owners = await findOwners(sql, largest, scope.all ? undefined : who)
      return largest.map((folder) => ({
        ...row(folder),
        ...owners.get(`${folder.store}/${folder.bucket}/${folder.prefix}`),
      }))
    }
    case 'user': {
      if (!scope.all) throw new AppError('forbidden', 'Only an administrator may see what each user stores.')
      return (await findHomes(sql, ROWS)).map((home) => ({
        ...row(home),
        userId: home.userId,
        userName: home.userName,
      }))
    }
    case 'class':
      return byClassOf(scope.folders).map(({ storageClass, objects, bytes }) => ({
        ...NOWHERE,
        storageClass,
        ...NONE,
        objects,
        bytes,
      }))
    case 'prefix': {
      const { bucket, prefix = '' } = query
      const store = (query.store ?? DEFAULT_STORE) as StoreId
      if (bucket === undefined) {
        throw new AppError('invalid-request', undefined, { errors: [{ path: '/bucket', message: 'is needed' }] })
      }
      if (prefix !== '' && !prefix.endsWith('/')) {
        throw new AppError('invalid-request', undefined, { errors: [{ path: '/prefix', message: "must end in '/'" }] })
      }
      const isTheirs = (place: { store: string; bucket: string; prefix: string }): boolean =>
        place.store === store && place.bucket === bucket && prefix.startsWith(place.prefix)
      if (!scope.all && !scope.places?.some(isTheirs)) {
        throw new AppError('forbidden', 'No permission of yours allows list there.')
      }
      return (await findChildren(sql, { store, bucket, prefix: prefix.replaceAll('\0', '\ufffd') }, ROWS)).map(row)
    }
  }
}

const NOWHERE = { store: null, bucket: null, prefix: null, userId: null, userName: null } as const
const NONE = {
  objects: 0,
  bytes: 0,
  oldVersions: 0,
  oldBytes: 0,
  unfinishedUploads: 0,
  unfinishedBytes: 0,
  deleteMarkers: 0,
}

const row = (folder: FolderRow): Row => ({
  store: folder.store,
  bucket: folder.bucket,
  prefix: folder.prefix,
  userId: null,
  userName: null,
  storageClass: null,
  ...amountsOfFolder(folder),
})
