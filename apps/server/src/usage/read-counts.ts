import { READ_DAYS } from '@skycrate/core/economics/forecast'
import { firstIdOf } from '../audit/first-id.ts'
import type { BucketRef } from '../buckets/bucket-records.ts'
import type { Sql } from '../db/database.ts'
import type { UserRequests } from './usage-rows.ts'

const DAY_MS = 86_400_000

/**
 * Gathers what the audit log tells of reads in a bucket, so that an inventory can look them up page by page. Reads by
 * temporary credentials are not in it.
 */
export async function gatherReads(sql: Sql, { store, bucket }: BucketRef, run: string, now: number): Promise<void> {
  await sql.query(`delete from usage_reads where run = $1`, [run])
  await sql.query(
    `insert into usage_reads (run, key, recent)
     select $1, key, coalesce(sum(count) filter (where id >= $4), 0)::int from audit_events
     where bucket = $3 and store = $2 and action = 'object.get' and outcome = 'allow' and key is not null group by key`,
    [run, store, bucket, firstIdOf(now - READ_DAYS * DAY_MS)],
  )
}

/** Keys whose reads are held at once; of more, those of each page are looked up. */
const HELD = 100_000

/** What `gatherReads` gathered: reads of the last days by key, of all of these items that were ever read. */
export async function openReads(
  sql: Sql,
  run: string,
): Promise<(items: readonly { readonly key: string }[]) => Promise<ReadonlyMap<string, number>>> {
  const all = await sql.query<{ key: string; recent: number }>(
    `select key, recent from usage_reads where run = $1 limit $2`,
    [run, HELD + 1],
  )
  if (all.length <= HELD) {
    const held = new Map(all.map(({ key, recent }) => [key, recent]))
    return async () => held
  }
  return async (items) => {
    const rows = await sql.query<{ key: string; recent: number }>(
      `select key, recent from usage_reads where run = $1 and key = any($2)`,
      [run, items.map(({ key }) => key.replaceAll('\0', '\ufffd'))],
      'usage.reads-of',
    )
    return new Map(rows.map(({ key, recent }) => [key, recent]))
  }
}

export async function dropReads(sql: Sql, run: string): Promise<void> {
  await sql.query(`delete from usage_reads where run = $1`, [run])
}

const PUTS = ['object.put', 'object.copy', 'object.move', 'object.create-folder', 'upload.create', 'upload.complete']
const GETS = ['object.get', 'object.head']

/** Requests of the last 30 days by user: one for each URL, since nobody tells how often a URL is used. */
export async function requestsOf(sql: Sql, { store, bucket }: BucketRef, now: number): Promise<UserRequests[]> {
  return sql.query<{ userId: UserRequests['userId']; puts: number; gets: number }>(
    `select user_id as "userId", coalesce(sum(count) filter (where action = any($4)), 0)::int as puts,
       coalesce(sum(count) filter (where action = any($5)), 0)::int as gets
     from audit_events
     where bucket = $2 and store = $1 and id >= $3 and outcome = 'allow' and action = any($4 || $5)
     group by user_id order by sum(count) desc limit 500`,
    [store, bucket, firstIdOf(now - 30 * DAY_MS), PUTS, GETS],
  )
}
