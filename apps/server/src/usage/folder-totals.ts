import { binOf } from '@skycrate/core/economics/size-bins'
import type { State } from '@skycrate/core/economics/simulate'
import type { InventoryItem } from '../stores/inventory-store.ts'
import { detached } from './detached.ts'

/** Size bin → objects and bytes. */
export type Bins = Record<number, [count: number, bytes: number]>
/** Tier of Intelligent-Tiering → objects that are in it. */
export type TierBins = Record<number, Bins>
export type ClassTotals = Record<string, Partial<Record<State, Bins>>>

export interface NamedObject {
  readonly key: string
  readonly size: number
  /** Milliseconds since the epoch. */
  readonly modified: number
  readonly storageClass: string
}

export interface FolderDetail {
  readonly largest: NamedObject[]
  readonly oldest: NamedObject[]
  /** Of the objects that the audit log has no read of. */
  readonly neverRead: { objects: number; bytes: number; largest: NamedObject[] }
  /** Of the objects in Intelligent-Tiering, where the inventory tells. */
  tiers?: TierBins
  /** Whether objects are named: of whole buckets and of places, which somebody looks at by themselves. */
  readonly names: boolean
}

/** What a folder holds, in itself and below. JSON. */
export interface FolderTotals {
  readonly prefix: string
  objects: number
  bytes: number
  oldVersions: number
  oldBytes: number
  uploads: number
  uploadBytes: number
  deleteMarkers: number
  readonly classes: ClassTotals
  readonly detail: FolderDetail
}

const NAMED = 20

export const emptyFolder = (prefix: string, names: boolean): FolderTotals => ({
  prefix,
  objects: 0,
  bytes: 0,
  oldVersions: 0,
  oldBytes: 0,
  uploads: 0,
  uploadBytes: 0,
  deleteMarkers: 0,
  classes: {},
  detail: { largest: [], oldest: [], neverRead: { objects: 0, bytes: 0, largest: [] }, names },
})

/** @param isRead whether the audit log tells of a read; undefined where that is not known */
export function addToFolder(folder: FolderTotals, item: InventoryItem, isRead: boolean | undefined): void {
  const { size, place } = item
  if (place === 'marker') {
    folder.deleteMarkers += 1
    return
  }
  const states = (folder.classes[item.storageClass] ??= {})
  const bins = (states[place] ??= {})
  const bin = (bins[binOf(size)] ??= [0, 0])
  bin[0] += 1
  bin[1] += size
  switch (place) {
    case 'upload':
      folder.uploads += 1
      folder.uploadBytes += size
      return
    case 'noncurrent':
      folder.oldVersions += 1
      folder.oldBytes += size
      return
    case 'current':
      folder.objects += 1
      folder.bytes += size
  }
  if (item.tier !== undefined) {
    const tiers = (folder.detail.tiers ??= {})
    const inTier = ((tiers[item.tier] ??= {})[binOf(size)] ??= [0, 0])
    inTier[0] += 1
    inTier[1] += size
  }
  const { largest, oldest, neverRead, names } = folder.detail
  if (isRead === false) {
    neverRead.objects += 1
    neverRead.bytes += size
  }
  if (!names) return
  keep(largest, item, isLarger)
  keep(oldest, item, isOlder)
  if (isRead === false) keep(neverRead.largest, item, isLarger)
}

type Named = Pick<InventoryItem, 'size' | 'modified'>
const isLarger = (a: Named, b: Named): boolean => a.size > b.size
const isOlder = (a: Named, b: Named): boolean => a.modified < b.modified

function keep(list: NamedObject[], item: InventoryItem, before: (a: Named, b: Named) => boolean): void {
  if (list.length === NAMED && !before(item, list[NAMED - 1]!)) return
  const { size, modified, storageClass } = item
  const key = detached(item.key)
  let at = list.length
  while (at > 0 && before(item, list[at - 1]!)) at--
  list.splice(at, 0, { key, size, modified, storageClass })
  if (list.length > NAMED) list.pop()
}
