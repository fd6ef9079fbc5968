/** A bucket of attempts for each name: full at first, and one more after each while. */
export interface AttemptLimit {
  /** Takes one attempt. @returns 0 when there was one, else the seconds until there is */
  take(name: string, now: number): number
  /** Puts back one that turned out not to count. */
  giveBack(name: string): void
  /** Makes the bucket full again. */
  refill(name: string): void
}

/** Names remembered at once; beyond it those that were not asked for the longest are forgotten. */
const MAX_NAMES = 50_000

/**
 * Counts in this process alone: with n processes a guesser has n times the attempts, which still is nothing against a
 * password of 12 characters.
 *
 * @param burst attempts in a full bucket
 * @param refillMs milliseconds after which a bucket has one attempt more
 */
export function createAttemptLimit(burst: number, refillMs: number): AttemptLimit {
  const buckets = new Map<string, { left: number; at: number }>()
  return {
    take(name, now) {
      const bucket = buckets.get(name) ?? { left: burst, at: now }
      // A clock that was set back must not keep anybody waiting for it.
      const left = Math.min(burst, bucket.left + Math.max(0, now - bucket.at) / refillMs)
      const isTaken = left >= 1
      buckets.delete(name)
      buckets.set(name, { left: isTaken ? left - 1 : left, at: now })
      if (buckets.size > MAX_NAMES) buckets.delete(buckets.keys().next().value!)
      return isTaken ? 0 : Math.max(1, Math.ceil(((1 - left) * refillMs) / 1000))
    },
    giveBack(name) {
      const bucket = buckets.get(name)
      if (!bucket) return
      if (bucket.left + 1 >= burst) buckets.delete(name)
      else bucket.left += 1
    },
    refill(name) {
      buckets.delete(name)
    },
  }
}
