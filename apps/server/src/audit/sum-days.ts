import type { Database, Sql } from '../db/database.ts'
import { encodeCounts } from './counts.ts'
import { firstIdOf } from './first-id.ts'

export const DAY_MS = 86_400_000
/** Milliseconds after its end in which a day is not summed yet: longer than events may be on their way to the log. */
const CLOSES_AFTER_MS = 2 * 60 * 60_000
/** Milliseconds by which the sums of a day that is not over grow. */
const PART_MS = 2 * 60 * 60_000

const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10)

/**
 * Sums every day that is over and not summed yet, and those that events were added to since; of the newest day, what is old
 * enough.
 * @param now milliseconds since the epoch
 */
export async function sumDays(database: Database, now: number, signal?: AbortSignal): Promise<void> {
  for (const day of await daysToSum(database, now)) {
    if (signal?.aborted) return
    await sumDay(database, day)
  }
  const until = Math.floor((now - CLOSES_AFTER_MS) / PART_MS) * PART_MS
  const day = dayOf(until)
  if (signal?.aborted || until === Date.parse(`${day}T00:00:00Z`) || (await isSummed(database, day, until))) return
  await sumDay(database, day, until)
}

async function isSummed(sql: Sql, day: string, until: number): Promise<boolean> {
  const rows = await sql.query(
    `select from audit_days where day = $1 and (until is null or until >= $2)
       and not exists (select from audit_late where day = $1)`,
    [day, new Date(until)],
  )
  return rows.length > 0
}

async function daysToSum(sql: Sql, now: number): Promise<string[]> {
  const last = dayOf(now - CLOSES_AFTER_MS - DAY_MS)
  // A clock that was wrong once must not have centuries of empty days summed.
  const rows = await sql.query<{ day: string }>(
    `select d::date as day from generate_series(
       greatest((select (at at time zone 'UTC')::date from audit_events order by id limit 1), $1::date - 4000)::timestamp,
       $1::date::timestamp, '1 day') d
     where not exists (select from audit_days a where a.day = d::date and a.until is null)
     union select day from audit_late where day <= $1::date
     order by day`,
    [last],
  )
  return rows.map(({ day }) => day)
}

/** @param until milliseconds since the epoch, or the end of the day */
async function sumDay(database: Database, day: string, until?: number): Promise<void> {
  const start = Date.parse(`${day}T00:00:00Z`)
  const range = [firstIdOf(start), firstIdOf(until ?? start + DAY_MS)]
  // Names first, so that the snapshot of the sums has them.
  await database.query(
    `insert into audit_names (kind, name)
     select 'user', user_id from audit_events where id >= $1 and id < $2 and user_id is not null group by user_id
     union all
     select 'bucket', bucket from audit_events where id >= $1 and id < $2 and bucket is not null group by bucket
     on conflict do nothing`,
    range,
  )
  await database.transaction(async (tx) => {
    // The marks and the events of one transaction are seen together: what is added meanwhile leaves its mark behind.
    await tx.query('set transaction isolation level repeatable read')
    const late = await tx.query<{ transaction: string }>('select transaction from audit_late where day = $1', [day])
    const totals = await tx.query<{ action: string; outcome: string; n: number }>(
      `select action, outcome, sum(count) as n from audit_events where id >= $1 and id < $2 group by action, outcome`,
      range,
    )
    const counts = (kind: 'user' | 'bucket', column: 'user_id' | 'bucket') =>
      tx.query<{ no: number | null; n: number }>(
        `select no, n from (
           select ${column} as name, sum(count) as n from audit_events
           where id >= $1 and id < $2 and ${column} is not null group by ${column}
         ) c left join audit_names a on a.kind = $3 and a.name = c.name order by no`,
        [...range, kind],
      )
    const users = await counts('user', 'user_id')
    const buckets = await counts('bucket', 'bucket')
    // Somebody came in between: the next run has their names.
    if ([...users, ...buckets].some(({ no }) => no === null)) return
    const encode = (rows: typeof users) => encodeCounts(rows.map(({ no, n }) => [no!, Number(n)] as const))
    await tx.query(
      `insert into audit_days (day, totals, users, buckets, until) values ($1, $2, $3, $4, $5)
       on conflict (day) do update set totals = excluded.totals, users = excluded.users, buckets = excluded.buckets,
         until = excluded.until`,
      [
        day,
        JSON.stringify(totals.map(({ action, outcome, n }) => [action, outcome, Number(n)])),
        encode(users),
        encode(buckets),
        until === undefined ? null : new Date(until),
      ],
    )
    if (late.length > 0) {
      await tx.query('delete from audit_late where day = $1 and transaction::text = any($2::text[])', [
        day,
        late.map(({ transaction }) => transaction),
      ])
    }
  })
}
