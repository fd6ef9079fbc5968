import type { FastifyBaseLogger } from 'fastify'
import type { Database, Sql } from '../db/database.ts'
import { type AuditLog, byProcess } from './audit-event.ts'
import { firstIdOf } from './first-id.ts'
import { DAY_MS } from './sum-days.ts'

/** Months for which there is a partition before anything is recorded in them. */
const AHEAD = 2
/** Milliseconds that a change waits for statements under way, and with it every insertion behind it. */
const LOCK_WAIT = '2s'

/** A partition for this month and the next ones. Whatever a clock that is ahead put into the default one moves. */
export async function createPartitionsAhead(database: Database, now: number): Promise<void> {
  const today = new Date(now)
  for (let i = 0; i <= AHEAD; i++) {
    const month = Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + i)
    const next = Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + i + 1)
    await createPartition(database, new Date(month).toISOString().slice(0, 7).replace('-', '_'), [
      firstIdOf(month),
      firstIdOf(next),
    ])
  }
}

async function createPartition(database: Database, month: string, [from, to]: [string, string]): Promise<void> {
  const name = `audit_events_${month}`
  const exists = (sql: Sql) => sql.query('select 1 from pg_class where oid = to_regclass($1)', [name])
  if ((await exists(database)).length > 0) return
  await database.transaction(async (tx) => {
    await tx.query(`set local lock_timeout = '${LOCK_WAIT}'`)
    await tx.query(`select pg_advisory_xact_lock(hashtextextended('skycrate.audit-partitions', 0))`)
    if ((await exists(tx)).length > 0) return
    await tx.query('lock table audit_events_default in exclusive mode')
    await tx.query(`create table ${name} (like audit_events including defaults including constraints)`)
    await tx.query(
      `with moved as (delete from audit_events_default where id >= $1 and id < $2 returning *)
       insert into ${name} select * from moved`,
      [from, to],
    )
    // Both bounds are ids, of letters and digits alone.
    await tx.query(`alter table audit_events attach partition ${name} for values from ('${from}') to ('${to}')`)
  })
}

/**
 * Drops the months that are wholly older than the retention. That it does is an event, durable before.
 * @param days 0 keeps everything
 */
export async function dropExpired(options: {
  readonly database: Database
  readonly audit: AuditLog
  readonly logger: FastifyBaseLogger
  readonly now: number
  readonly days: number
}): Promise<void> {
  const { database, audit, logger, now, days } = options
  if (days === 0) return
  const expired = await partitionsBefore(database, firstIdOf(now - days * DAY_MS))
  if (expired.length === 0) return
  const before = timeOf(expired.at(-1)!.to)
  const events = await database.session(async (sql) => {
    let sum = 0
    for (const { name } of expired) {
      const [row] = await sql.query<{ n: number }>(`select coalesce(sum(count), 0) as n from ${name}`)
      sum += Number(row!.n)
    }
    return sum
  })
  const detail = { before: before.toISOString(), months: expired.map(({ name }) => monthOf(name)), events }
  await audit.record({
    action: 'audit.expire',
    outcome: 'allow',
    userId: null,
    bucket: null,
    key: null,
    reason: null,
    detail,
    origin: byProcess('audit.retention'),
  })
  await database.transaction(async (tx) => {
    await tx.query(`set local lock_timeout = '${LOCK_WAIT}'`)
    for (const { name } of expired) {
      await tx.query(`alter table audit_events detach partition ${name}`)
      await tx.query(`drop table ${name}`)
    }
    await tx.query('delete from audit_days where day < $1::date', [before.toISOString().slice(0, 10)])
    await tx.query('delete from audit_late where day < $1::date', [before.toISOString().slice(0, 10)])
  })
  logger.info(detail, 'deleted expired audit events')
}

interface Partition {
  readonly name: string
  /** The first id that is not in it any more. */
  readonly to: string
}

async function partitionsBefore(sql: Sql, firstKept: string): Promise<Partition[]> {
  const rows = await sql.query<{ name: string; bound: string }>(
    `select c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bound
     from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'audit_events'::regclass`,
  )
  return rows
    .flatMap(({ name, bound }) => {
      const to = / TO \('(evt_[0-9a-z]+)'\)$/.exec(bound)?.[1]
      return to !== undefined && to <= firstKept ? [{ name, to }] : []
    })
    .toSorted((a, b) => (a.to < b.to ? -1 : 1))
}

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

function timeOf(id: string): Date {
  let time = 0
  for (const character of id.slice(4, 14)) time = time * 32 + ALPHABET.indexOf(character)
  return new Date(time)
}

const monthOf = (name: string): string => name.slice('audit_events_'.length).replace('_', '-')
