import type { StorageStats } from '@skycrate/contract/storage/schemas'
import type { Sql } from '../db/database.ts'
import type { FolderTotals, NamedObject } from './folder-totals.ts'
import { findGrowth, type FolderRow } from './usage-rows.ts'
import type { UsageScope } from './usage-scope.ts'

const LOCATIONS = 200
const NAMED = 20
const GROUPS = 20

export type Amounts = StorageStats['totals']

export const amountsOfFolder = (folder: FolderTotals): Amounts => ({
  objects: folder.objects,
  bytes: folder.bytes,
  oldVersions: folder.oldVersions,
  oldBytes: folder.oldBytes,
  unfinishedUploads: folder.uploads,
  unfinishedBytes: folder.uploadBytes,
  deleteMarkers: folder.deleteMarkers,
})

export function sumOf(folders: readonly FolderTotals[]): Amounts {
  const sum = {
    objects: 0,
    bytes: 0,
    oldVersions: 0,
    oldBytes: 0,
    unfinishedUploads: 0,
    unfinishedBytes: 0,
    deleteMarkers: 0,
  }
  for (const folder of folders) {
    const amounts = amountsOfFolder(folder)
    for (const name of Object.keys(sum) as (keyof Amounts)[]) sum[name] += amounts[name]
  }
  return sum
}

export const countedAtOf = ({ runs }: UsageScope): string | null =>
  runs.length === 0 ? null : new Date(Math.min(...runs.map(({ countedAt }) => countedAt.getTime()))).toISOString()

/** Objects and bytes by class, with old versions and unfinished uploads. */
export function byClassOf(folders: readonly FolderTotals[]): StorageStats['byClass'] {
  const sums = new Map<string, { objects: number; bytes: number }>()
  for (const { classes } of folders) {
    for (const [storageClass, states] of Object.entries(classes)) {
      const sum = sums.get(storageClass) ?? { objects: 0, bytes: 0 }
      for (const bins of Object.values(states)) {
        for (const [count, bytes] of Object.values(bins)) {
          sum.objects += count
          sum.bytes += bytes
        }
      }
      sums.set(storageClass, sum)
    }
  }
  return [...sums].map(([storageClass, sum]) => ({ storageClass, ...sum })).toSorted((a, b) => b.bytes - a.bytes)
}

export async function storageStats(sql: Sql, scope: UsageScope): Promise<StorageStats> {
  const { folders, runs } = scope
  const wholeBuckets = new Set(
    folders.filter(({ prefix }) => prefix === '').map(({ store, bucket }) => `${store}/${bucket}`),
  )
  const duplicates = runs.filter(({ store, bucket }) => wholeBuckets.has(`${store}/${bucket}`))
  return {
    totals: sumOf(folders),
    byClass: byClassOf(folders),
    byLocation: folders
      .toSorted((a, b) => b.bytes - a.bytes)
      .slice(0, LOCATIONS)
      .map((folder) => ({
        store: folder.store,
        bucket: folder.bucket,
        prefix: folder.prefix,
        ...amountsOfFolder(folder),
      })),
    growth: await findGrowth(sql, scope.places),
    largest: named(
      folders,
      ({ largest }) => largest,
      (a, b) => b.size - a.size,
    ),
    oldest: named(
      folders,
      ({ oldest }) => oldest,
      (a, b) => a.modified - b.modified,
    ),
    neverRead: {
      objects: folders.reduce((sum, { detail }) => sum + detail.neverRead.objects, 0),
      bytes: folders.reduce((sum, { detail }) => sum + detail.neverRead.bytes, 0),
      largest: named(
        folders,
        ({ neverRead }) => neverRead.largest,
        (a, b) => b.size - a.size,
      ),
    },
    duplicates: {
      objects: duplicates.reduce((sum, { summary }) => sum + summary.duplicates.objects, 0),
      bytes: duplicates.reduce((sum, { summary }) => sum + summary.duplicates.bytes, 0),
      leastSize: Math.max(0, ...duplicates.map(({ summary }) => summary.duplicates.least)),
      groups: duplicates
        .flatMap(({ bucket, summary }) => summary.duplicates.groups.map((group) => ({ bucket, ...group })))
        .toSorted((a, b) => b.size * (b.count - 1) - a.size * (a.count - 1))
        .slice(0, GROUPS),
    },
    inventories: runs.slice(0, LOCATIONS).map((run) => ({
      store: run.store,
      bucket: run.bucket,
      source: run.source,
      countedAt: run.countedAt.toISOString(),
      difference: { objects: run.objectsChanged, bytes: run.bytesChanged },
    })),
    countedAt: countedAtOf(scope),
  }
}

function named(
  folders: readonly FolderRow[],
  of: (detail: FolderTotals['detail']) => readonly NamedObject[],
  order: (a: NamedObject, b: NamedObject) => number,
): StorageStats['largest'] {
  return folders
    .flatMap(({ bucket, detail }) => of(detail).map((object) => ({ bucket, ...object })))
    .toSorted(order)
    .slice(0, NAMED)
    .map(({ modified, ...object }) => ({ ...object, lastModified: new Date(modified).toISOString() }))
}
