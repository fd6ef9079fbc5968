import { setImmediate as endOfTurn } from 'node:timers/promises'
import type { AuditStats, AuditUserStats, Outcome } from '@skycrate/contract/audit/schemas'
import type { Database, Sql } from '../db/database.ts'
import { addCounts } from './counts.ts'
import { firstIdOf } from './first-id.ts'
import { DAY_MS } from './sum-days.ts'

/** Milliseconds since the epoch; `from` is inclusive, `to` is not. */
export interface TimeRange {
  readonly from: number
  readonly to: number
}

const TOP = 10
/** Days whose counts are in memory at once. */
const DAYS_AT_ONCE = 15

/** Sums while they are collected. */
class Tally {
  readonly byAction = new Map<string, number>()
  readonly byDay = new Map<string, Record<Outcome, number>>()
  readonly byOutcome: Record<Outcome, number> = { allow: 0, deny: 0, error: 0 }
  readonly names = { user: new Map<string, number>(), bucket: new Map<string, number>() }
  total = 0

  add(day: string, action: string, outcome: Outcome, count: number): void {
    this.total += count
    this.byOutcome[outcome] += count
    this.byAction.set(action, (this.byAction.get(action) ?? 0) + count)
    let sums = this.byDay.get(day)
    if (!sums) this.byDay.set(day, (sums = { allow: 0, deny: 0, error: 0 }))
    sums[outcome] += count
  }

  addName(kind: 'user' | 'bucket', name: string, count: number): void {
    this.names[kind].set(name, (this.names[kind].get(name) ?? 0) + count)
  }

  counts() {
    return {
      total: this.total,
      byOutcome: this.byOutcome,
      byAction: [...this.byAction].map(([action, count]) => ({ action, count })).toSorted((a, b) => b.count - a.count),
      byDay: [...this.byDay].map(([day, sums]) => ({ day, ...sums })).toSorted((a, b) => (a.day < b.day ? -1 : 1)),
    }
  }

  top(kind: 'user' | 'bucket'): { name: string; count: number }[] {
    const all = [...this.names[kind]].map(([name, count]) => ({ name, count }))
    return all.toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1)).slice(0, TOP)
  }
}

/**
 * Exact numbers of a time: days that are summed are added up, the rest is counted, all in one snapshot.
 * @throws AppError `database-unavailable`
 */
export async function readAuditStats(database: Pick<Database, 'transaction'>, range: TimeRange): Promise<AuditStats> {
  return database.transaction(async (tx) => {
    await tx.query('set transaction isolation level repeatable read read only')
    // A day that is not over may have a hundred thousand users: grouped in memory, not sorted on the disk.
    await tx.query(`set local work_mem = '64MB'`)
    const tally = new Tally()
    const days = await summedDays(tx, range, tally)
    for (const gap of gapsBetween(
      range,
      days.map(({ range: summed }) => summed),
    ))
      await countLive(tx, gap, tally)
    const names = days.map(({ day }) => day)
    await addNames(tx, 'user', names, tally)
    await addNames(tx, 'bucket', names, tally)
    const people = await peopleOf(tx, tally)
    return {
      ...tally.counts(),
      topUsers: tally.top('user').map(({ name, count }) => ({
        userId: name,
        userEmail: people.get(name)?.email ?? null,
        userEmailVerified: people.get(name)?.email_verified ?? false,
        userIssuer: people.get(name)?.email_issuer ?? null,
        userName: people.get(name)?.name ?? null,
        count,
      })),
      topBuckets: tally.top('bucket').map(({ name, count }) => ({ bucket: name, count })),
    }
  })
}

interface Person {
  id: string
  email: string | null
  email_verified: boolean
  email_issuer: string | null
  name: string | null
}

async function peopleOf(sql: Sql, tally: Tally): Promise<Map<string, Person>> {
  const rows = await sql.query<Person>(
    'select id, email, email_verified, email_issuer, name from users where id = any($1::text[])',
    [tally.top('user').map(({ name }) => name)],
  )
  return new Map(rows.map((row) => [row.id, row]))
}

/** What one user did. */
export async function readUserStats(sql: Sql, userId: string, range: TimeRange): Promise<AuditUserStats> {
  const tally = new Tally()
  await countLive(sql, range, tally, userId)
  return {
    userId,
    ...tally.counts(),
    topBuckets: tally.top('bucket').map(({ name, count }) => ({ bucket: name, count })),
  }
}

/** A day whose sums count, and what they are of. */
interface SummedDay {
  readonly day: string
  readonly range: TimeRange
}

/** The days, and the summed part of the newest, that are wholly within the range. */
async function summedDays(tx: Sql, { from, to }: TimeRange, tally: Tally): Promise<SummedDay[]> {
  const rows = await tx.query<{
    day: string
    until: Date | null
    totals: [action: string, outcome: Outcome, count: number][]
  }>(
    `select day, until, totals from audit_days d
     where day >= $1::date and case when until is null then day < $2::date else until <= $3 end
       and not exists (select from audit_late l where l.day = d.day) order by day`,
    [dateOf(Math.ceil(from / DAY_MS)), dateOf(Math.floor(to / DAY_MS)), new Date(to)],
  )
  for (const { day, totals } of rows)
    for (const [action, outcome, count] of totals) tally.add(day, action, outcome, count)
  return rows.map(({ day, until }) => {
    const start = Date.parse(`${day}T00:00:00Z`)
    return { day, range: { from: start, to: until?.getTime() ?? start + DAY_MS } }
  })
}

const dateOf = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10)

/** What is not summed, as few ranges as possible. @param summed ascending */
function gapsBetween({ from, to }: TimeRange, summed: readonly TimeRange[]): TimeRange[] {
  const gaps: TimeRange[] = []
  let at = from
  for (const each of summed) {
    if (each.from > at) gaps.push({ from: at, to: each.from })
    at = each.to
  }
  if (to > at) gaps.push({ from: at, to })
  return gaps
}

interface LiveRow {
  day: string | null
  action: string | null
  outcome: Outcome | null
  user_id: string | null
  bucket: string | null
  n: number
}

async function countLive(sql: Sql, { from, to }: TimeRange, tally: Tally, userId?: string): Promise<void> {
  const rows = await sql.query<LiveRow>(
    `select day, action, outcome, user_id, bucket, sum(count) as n from (
       select (at at time zone 'UTC')::date as day, action, outcome, user_id, bucket, count from audit_events
       where id >= $1 and id < $2 ${userId === undefined ? '' : 'and user_id = $3'}
     ) e group by grouping sets ((day, action, outcome), (user_id), (bucket))`,
    [firstIdOf(from), firstIdOf(to), ...(userId === undefined ? [] : [userId])],
  )
  for (const { day, action, outcome, user_id: user, bucket, n } of rows) {
    if (day !== null) tally.add(day, action!, outcome!, Number(n))
    else if (user !== null) tally.addName('user', user, Number(n))
    else if (bucket !== null) tally.addName('bucket', bucket, Number(n))
  }
}

/** Adds the summed days of users or buckets: only those that can be among the first are named. */
async function addNames(tx: Sql, kind: 'user' | 'bucket', days: readonly string[], tally: Tally): Promise<void> {
  if (days.length === 0) return
  const [last] = await tx.query<{ no: number }>('select coalesce(max(no), 0) as no from audit_names')
  const sums = new Float64Array(last!.no + 1)
  for (let i = 0; i < days.length; i += DAYS_AT_ONCE) {
    const rows = await tx.query<{ counts: Buffer }>(
      `select ${kind}s as counts from audit_days where day = any($1::date[])`,
      [days.slice(i, i + DAYS_AT_ONCE)],
    )
    for (const { counts } of rows) {
      addCounts(counts, sums)
      // Others are served in between.
      await endOfTurn()
    }
  }
  // What was counted live counts for them as well.
  const live = tally.names[kind]
  if (live.size > 0) {
    const known = await tx.query<{ no: number; name: string }>(
      'select no, name from audit_names where kind = $1 and name = any($2::text[])',
      [kind, [...live.keys()]],
    )
    for (const { no, name } of known) {
      sums[no]! += live.get(name)!
      live.delete(name)
    }
  }
  const best = topOf(sums)
  const names = await tx.query<{ no: number; name: string }>(
    'select no, name from audit_names where no = any($1::int[])',
    [best],
  )
  for (const { no, name } of names) live.set(name, sums[no]!)
}

/** The numbers of the largest sums, with all that equal the last. */
function topOf(sums: Float64Array): number[] {
  let least = 0
  const best: number[] = []
  for (const [no, sum] of sums.entries()) {
    if (sum === 0 || (best.length >= TOP && sum < least)) continue
    best.push(no)
    if (best.length < TOP * 100) continue
    best.sort((a, b) => sums[b]! - sums[a]!)
    least = sums[best[TOP - 1]!]!
    best.length = TOP
  }
  best.sort((a, b) => sums[b]! - sums[a]!)
  return best.slice(0, TOP)
}
