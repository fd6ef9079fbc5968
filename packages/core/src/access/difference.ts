import type { StoreId } from '../naming/store.ts'
import { ACTION_BIT, ACTIONS, type Action, type ActionSet } from './operation.ts'
import type { Grant, PermissionSet } from './permission-set.ts'

/** What changes on the keys below `prefix` that are below none of `except`. */
export interface Change {
  readonly store: StoreId
  readonly bucket: string
  /** `''` or ending in `/`. */
  readonly prefix: string
  /** Folders within `prefix` where it is otherwise; what changes there is a change of its own. */
  readonly except: readonly string[]
  readonly actions: ActionSet
  /** Milliseconds since the epoch: access is gained or lost from then on … */
  readonly from: number
  /** … and until then; Infinity for good. */
  readonly until: number
}

export interface Difference {
  readonly gains: readonly Change[]
  readonly losses: readonly Change[]
}

/**
 * What one set of permissions allows, from now on, that the other does not: exactly, and not for a sample of keys. A key,
 * an action and a time are within one of the gains when `decide` allows them by `after` and refuses them by `before`;
 * within one of the losses the other way round.
 *
 * @param now milliseconds since the epoch
 */
export function differenceOf(before: PermissionSet, after: PermissionSet, now: number): Difference {
  const gains: Change[] = []
  const losses: Change[] = []
  for (const store of sortedKeys(before.byStore, after.byStore)) {
    const [old, given] = [before.byStore.get(store) ?? NONE, after.byStore.get(store) ?? NONE]
    for (const bucket of sortedKeys(old, given)) {
      const [grantsBefore, grantsAfter] = [old.get(bucket) ?? NONE, given.get(bucket) ?? NONE]
      const regions = ACTIONS.flatMap((action) => regionsOf(grantsBefore, grantsAfter, action, now))
      for (const { isGain, ...change } of joined(regions)) (isGain ? gains : losses).push({ store, bucket, ...change })
    }
  }
  return { gains, losses }
}

const NONE = new Map<string, never>()

function sortedKeys(...maps: readonly ReadonlyMap<string, unknown>[]): string[] {
  return [...new Set(maps.flatMap((map) => [...map.keys()]))].toSorted()
}

interface Region {
  readonly isGain: boolean
  readonly prefix: string
  readonly except: string[]
  readonly from: number
  readonly until: number
  actions: ActionSet
}

interface Folder {
  readonly prefix: string
  /** When the action ends here by each set; `now` where it is not allowed. Below, it can only hold longer. */
  readonly before: number
  readonly after: number
  readonly region: Region | undefined
}

/** Walks the folders that either set names, parents first, and opens a region wherever the change is another one. */
function regionsOf(
  before: ReadonlyMap<string, readonly Grant[]>,
  after: ReadonlyMap<string, readonly Grant[]>,
  action: Action,
  now: number,
): Region[] {
  const regions: Region[] = []
  const above: Folder[] = []
  for (const prefix of sortedKeys(before, after)) {
    while (above.length > 0 && !prefix.startsWith(above.at(-1)!.prefix)) above.pop()
    const parent = above.at(-1) ?? { prefix: '', before: now, after: now, region: undefined }
    const here = {
      prefix,
      before: Math.max(parent.before, endOf(before.get(prefix), action)),
      after: Math.max(parent.after, endOf(after.get(prefix), action)),
    }
    const isSame =
      (here.before === parent.before && here.after === parent.after) ||
      (here.before === here.after && parent.before === parent.after)
    if (isSame) {
      above.push({ ...here, region: parent.region })
      continue
    }
    parent.region?.except.push(prefix)
    let region: Region | undefined
    if (here.before !== here.after) {
      const from = Math.min(here.before, here.after)
      const until = Math.max(here.before, here.after)
      region = { isGain: here.after > here.before, prefix, except: [], from, until, actions: ACTION_BIT[action] }
      regions.push(region)
    }
    above.push({ ...here, region })
  }
  return regions
}

/** When the last of the grants of an action ends; -Infinity without any. */
function endOf(grants: readonly Grant[] = [], action: Action): number {
  let end = Number.NEGATIVE_INFINITY
  for (const grant of grants) if ((grant.actions & ACTION_BIT[action]) !== 0) end = Math.max(end, grant.expiresAt)
  return end
}

/** Actions that change alike are one change. */
function joined(regions: readonly Region[]): Region[] {
  const byShape = new Map<string, Region>()
  for (const region of regions) {
    const { isGain, prefix, except, from, until } = region
    const shape = JSON.stringify([prefix, isGain, from, String(until), except])
    const known = byShape.get(shape)
    if (known) known.actions |= region.actions
    else byShape.set(shape, { ...region })
  }
  return [...byShape.values()].toSorted((a, b) =>
    a.prefix < b.prefix ? -1 : a.prefix > b.prefix ? 1 : a.from - b.from,
  )
}
