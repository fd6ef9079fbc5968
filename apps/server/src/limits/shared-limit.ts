import type { Sql } from '../db/database.ts'
import { bucketName } from './bucket-name.ts'
import { type BucketSize, takeFrom } from './bucket.ts'

/** Names remembered at once; beyond it those that were not asked for the longest are forgotten. */
const MAX_NAMES = 50_000
/** The part of a bucket that may be used up in one process before the others hear of it. */
const UNTOLD_PART = 0.05

interface Local {
  /** Milliseconds since the epoch. */
  fullAt: number
  /** Tokens taken here that the database does not know of yet. */
  untold: number
}

/**
 * A bucket of tokens for each name, for what happens thousands of times a second: taken in memory, added up with the other
 * processes in the background. Whoever uses little is never written; whoever uses much can exceed the limit by what the
 * processes hand out between two settlements.
 */
export interface SharedLimit {
  /**
   * No I/O.
   * @param now milliseconds since the epoch
   * @returns 0 when there was a token, else the seconds until there is
   */
  take(name: string, now: number): number
  /** As `take`, without taking one. */
  wait(name: string, now: number): number
  /** Tells the database what was taken, and takes over what other processes took. @throws AppError `database-unavailable` */
  settle(now: number): Promise<void>
}

// $1: names. $2: tokens taken, in milliseconds of refill. $3: now. $4: when an empty bucket is full.
const SETTLE = `
  insert into limit_buckets as b (name, full_at)
  select name, $3::bigint + used from unnest($1::text[], $2::bigint[]) as t (name, used) order by name
  on conflict (name) do update set full_at = least(greatest(b.full_at, $3), $4) + excluded.full_at - $3
  returning name, full_at`

export function createSharedLimit(sql: Sql, limit: string, size: BucketSize): SharedLimit {
  const { burst, refillMs } = size
  const buckets = new Map<string, Local>()
  const untoldMax = Math.max(1, burst * UNTOLD_PART)
  return {
    take(name, now) {
      let bucket = buckets.get(name)
      if (bucket === undefined) {
        bucket = { fullAt: 0, untold: 0 }
        if (buckets.size >= MAX_NAMES) buckets.delete(buckets.keys().next().value!)
        buckets.set(name, bucket)
      }
      const taken = takeFrom(size, bucket.fullAt, now)
      bucket.fullAt = taken.fullAt
      if (taken.outcome === 'refused') return taken.wait
      bucket.untold++
      return 0
    },

    wait(name, now) {
      const taken = takeFrom(size, buckets.get(name)?.fullAt ?? 0, now)
      return taken.outcome === 'refused' ? taken.wait : 0
    },

    async settle(now) {
      const told = new Map<string, { bucket: Local; count: number }>()
      for (const [name, bucket] of buckets) {
        if (bucket.untold >= untoldMax) told.set(bucketName(limit, name), { bucket, count: bucket.untold })
        // Full again: the same as never seen.
        else if (bucket.fullAt <= now) buckets.delete(name)
      }
      if (told.size === 0) return
      const values = [
        [...told.keys()],
        [...told.values()].map(({ count }) => Math.ceil(count * refillMs)),
        Math.floor(now),
        Math.floor(now + burst * refillMs),
      ]
      const rows = await sql.query<{ name: string; full_at: number }>(SETTLE, values, 'limit-settle')
      for (const row of rows) {
        const { bucket, count } = told.get(row.name)!
        // What was taken meanwhile stays on top.
        bucket.untold -= count
        bucket.fullAt = row.full_at + bucket.untold * refillMs
      }
    },
  }
}
