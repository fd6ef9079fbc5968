import { MAX_KEY_BYTES } from '@skycrate/core/naming/key'
import type { Store } from '../stores/store.ts'
import { atOnce } from './at-once.ts'
import { copyName } from './copy-name.ts'
import type { Outcome, TransferInput } from './object-jobs.ts'
import type { FoundObject } from './source-walk.ts'
import { taken, targetOf } from './transfer-target.ts'

const AT_ONCE = 16

/** One object with the target that was chosen for it. JSON. */
export interface Planned {
  readonly from: string
  readonly to: string
  /** Whether something may be there, to be replaced. */
  readonly replace: boolean
  readonly size: number
  readonly etag: string
  readonly storageClass: string
  /** Milliseconds since the epoch. What is at the target since then may be this job's copy. */
  readonly at: number
}

/**
 * Chooses targets as the request says what to do where a name is taken.
 * @throws AppError `precondition-failed` for `fail`
 */
export async function planTransfers(
  store: Store,
  input: TransferInput,
  found: readonly FoundObject[],
  now: number,
): Promise<{ readonly planned: Planned[]; readonly outcomes: Outcome[] }> {
  const looked = new Map<FoundObject, { listed: NonNullable<FoundObject['listed']> | undefined; taken: boolean }>()
  await atOnce(found, AT_ONCE, async (object) => {
    const target = targetOf(input.items, object.item, object.key)
    const listed = object.listed ?? (await store.headObject(input.from, object.key))
    const isTaken = isTooLong(target) ? false : (await store.headObject(input.to, target)) !== undefined
    looked.set(object, { listed, taken: isTaken })
  })

  const planned: Planned[] = []
  const outcomes: Outcome[] = []
  const claimed = new Set<string>()
  for (const object of found) {
    const { listed, taken: isTaken } = looked.get(object)!
    let to = targetOf(input.items, object.item, object.key)
    if (listed === undefined) {
      outcomes.push('missing')
      continue
    }
    if (isTaken || claimed.has(to)) {
      if (input.onConflict === 'skip') {
        outcomes.push('skipped')
        continue
      }
      if (input.onConflict === 'fail') throw taken(to)
      if (input.onConflict === 'keep-both') to = await freeName(store, input.to, to, claimed)
    }
    if (isTooLong(to)) {
      outcomes.push('failed')
      continue
    }
    claimed.add(to)
    const { size, etag, storageClass } = listed
    planned.push({ from: object.key, to, replace: input.onConflict === 'replace', size, etag, storageClass, at: now })
  }
  return { planned, outcomes }
}

const isTooLong = (key: string): boolean => Buffer.byteLength(key) > MAX_KEY_BYTES

/** The first free one of `report (1).pdf`, `report (2).pdf`, … */
export async function freeName(
  store: Store,
  bucket: string,
  key: string,
  claimed: ReadonlySet<string>,
): Promise<string> {
  for (let count = 1; ; count++) {
    const name = copyName(key, count)
    if (claimed.has(name)) continue
    if (isTooLong(name) || (await store.headObject(bucket, name)) === undefined) return name
  }
}
