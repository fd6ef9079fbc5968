import type { StoreId } from '@skycrate/core/naming/store'
import type { VersionStore } from './version-store.ts'

/** Buckets that are held at once. */
const MAX_HELD = 10_000
/** Milliseconds that an answer is believed: versioning hardly ever changes. */
const BELIEVE_MS = 5 * 60_000

/** Whether a bucket keeps versions. False where its store can't tell: then a deletion counts as one for good. */
export type KeepsVersions = (store: StoreId, bucket: string) => Promise<boolean>

/** Asks the store once in a while. @param now milliseconds */
export function createBucketVersioning(options: {
  readonly storeOf: (id: StoreId) => Pick<VersionStore, 'keepsVersions'>
  readonly now: () => number
}): KeepsVersions {
  const { storeOf, now } = options
  const held = new Map<string, { readonly keeps: Promise<boolean>; readonly at: number }>()
  return (store, bucket) => {
    const name = `${store}/${bucket}`
    const known = held.get(name)
    if (known && now() - known.at < BELIEVE_MS) return known.keeps
    const keeps = storeOf(store)
      .keepsVersions(bucket)
      .catch(() => {
        held.delete(name)
        return false
      })
    held.delete(name)
    if (held.size >= MAX_HELD) held.delete(held.keys().next().value!)
    held.set(name, { keeps, at: now() })
    return keeps
  }
}
