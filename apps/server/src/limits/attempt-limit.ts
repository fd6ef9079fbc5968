import type { Sql } from '../db/database.ts'
import { bucketName } from './bucket-name.ts'
import { type BucketSize, secondsUntilToken, takeFrom } from './bucket.ts'

/** A bucket of attempts for each name, counted in the database: any number of processes share it exactly. */
export interface AttemptLimit {
  /**
   * Takes one attempt.
   * @param now milliseconds since the epoch
   * @returns 0 when there was one, else the seconds until there is
   * @throws AppError `database-unavailable`
   */
  take(name: string, now: number): Promise<number>
  /** As `take`, and takes none. */
  wait(name: string, now: number): Promise<number>
  /** Puts back one that turned out not to count. */
  giveBack(name: string): Promise<void>
  /** Makes the bucket full again. */
  refill(name: string): Promise<void>
}

// The same arithmetic as takeFrom, in whole milliseconds. $2: now. $3: one token. $4: when an empty bucket is full.
const TAKE = `
  insert into limit_buckets as b (name, full_at) values ($1, $2::bigint + $3::bigint)
  on conflict (name) do update set
    full_at = least(greatest(b.full_at, $2), $4) + case when least(greatest(b.full_at, $2), $4) + $3 <= $4 then $3 else 0 end,
    taken = least(greatest(b.full_at, $2), $4) + $3 <= $4
  returning full_at, taken`
const LOOK = 'select full_at from limit_buckets where name = $1'
const GIVE_BACK = 'update limit_buckets set full_at = full_at - $2::bigint where name = $1'
const REFILL = 'delete from limit_buckets where name = $1'

/** @param limit its name, which is part of every bucket's */
export function createAttemptLimit(sql: Sql, limit: string, size: BucketSize): AttemptLimit {
  const { burst, refillMs } = size
  return {
    async take(name, now) {
      const values = [bucketName(limit, name), now, refillMs, now + burst * refillMs]
      const [row] = await sql.query<{ full_at: number; taken: boolean }>(TAKE, values, 'limit-take')
      return row!.taken ? 0 : secondsUntilToken(size, row!.full_at, now)
    },
    async wait(name, now) {
      const [row] = await sql.query<{ full_at: number }>(LOOK, [bucketName(limit, name)], 'limit-look')
      const taken = takeFrom(size, row?.full_at ?? 0, now)
      return taken.outcome === 'taken' ? 0 : taken.wait
    },
    async giveBack(name) {
      await sql.query(GIVE_BACK, [bucketName(limit, name), refillMs], 'limit-give-back')
    },
    async refill(name) {
      await sql.query(REFILL, [bucketName(limit, name)], 'limit-refill')
    },
  }
}
