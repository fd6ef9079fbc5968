import { setTimeout as sleep } from 'node:timers/promises'
import type { StoreId } from '@skycrate/core/naming/store'
import type { BucketAdmin } from './bucket-admin.ts'

/** Buckets that are held at once. */
const MAX_HELD = 100_000
/** Milliseconds that a bucket is believed to be there. */
const BELIEVE_MS = 10 * 60_000
/** Milliseconds that a caller waits for the store at most: a decision must not depend on it. */
const PATIENCE_MS = 2_000

/** Which buckets their stores do not have. */
export interface BucketPresences {
  /** True when the bucket was seen within the last minutes: no I/O. */
  isKnown(store: StoreId, bucket: string): boolean
  /** Asks the store. False also when it can't be reached: only what is certainly missing is. */
  isMissing(store: StoreId, bucket: string): Promise<boolean>
}

/**
 * Asks a store once in a while whether it has a bucket. A missing one is asked for each time, so that it is there as
 * soon as it has been created.
 *
 * @param now milliseconds
 */
export function createBucketPresences(options: {
  readonly storeOf: (id: StoreId) => Pick<BucketAdmin, 'findBucket'>
  readonly now: () => number
}): BucketPresences {
  const { storeOf, now } = options
  const seen = new Map<string, number>()
  const asking = new Map<string, Promise<boolean>>()

  async function ask(store: StoreId, bucket: string, name: string): Promise<boolean> {
    try {
      const { presence } = await storeOf(store).findBucket(bucket)
      if (presence === 'absent') return true
      seen.delete(name)
      if (seen.size >= MAX_HELD) seen.delete(seen.keys().next().value!)
      seen.set(name, now())
    } catch {
      // Whoever does something at the store next learns what is wrong with it.
    }
    return false
  }

  const isKnown = (name: string): boolean => {
    const at = seen.get(name)
    return at !== undefined && now() - at < BELIEVE_MS
  }

  return {
    isKnown: (store, bucket) => isKnown(`${store}/${bucket}`),
    async isMissing(store, bucket) {
      const name = `${store}/${bucket}`
      let answer = asking.get(name)
      if (!answer) {
        answer = ask(store, bucket, name).finally(() => asking.delete(name))
        asking.set(name, answer)
      }
      const giveUp = new AbortController()
      const tooLate = sleep(PATIENCE_MS, false, { signal: giveUp.signal, ref: false }).catch(() => false)
      try {
        return await Promise.race([answer, tooLate])
      } finally {
        giveUp.abort()
      }
    },
  }
}
