import type { Door } from '@skycrate/contract/audit-actions'
import type { AuditEvent, AuditEvents, Outcome } from '@skycrate/contract/audit/schemas'
import { createId, isId, type UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'

export interface AuditFilter {
  readonly userId?: UserId | undefined
  readonly action?: string | undefined
  readonly outcome?: Outcome | undefined
  /** ISO 8601; inclusive. */
  readonly from?: string | undefined
  /** ISO 8601; exclusive. */
  readonly to?: string | undefined
  readonly cursor?: string | undefined
  /** 1 to 1,000. */
  readonly limit: number
}

interface Row {
  id: string
  at: Date
  action: string
  outcome: Outcome
  user_id: string | null
  user_email: string | null
  user_name: string | null
  target_user_id: string | null
  target_email: string | null
  target_name: string | null
  store: string | null
  bucket: string | null
  key: string | null
  reason: string | null
  detail: Record<string, unknown> | null
  door: Door
  count: number
  request_id: string
  ip: string | null
  user_agent: string | null
}

/**
 * A page of the log, newest first. Ids descend with time, so a page seeks its place in the index however long the log is.
 * @throws AppError `invalid-cursor`
 */
export async function readAuditEvents(sql: Sql, filter: AuditFilter): Promise<AuditEvents> {
  if (filter.cursor !== undefined && !isId('evt', filter.cursor)) throw new AppError('invalid-cursor')
  const values: unknown[] = []
  const conditions: string[] = []
  const where = (condition: string, value: unknown): void => {
    if (value === undefined) return
    values.push(value)
    conditions.push(condition.replace('?', `$${values.length}`))
  }
  where('e.id < ?', filter.cursor)
  where('e.user_id = ?', filter.userId)
  where('e.action = ?', filter.action)
  where('e.outcome = ?', filter.outcome)
  where('e.id >= ?', filter.from && firstIdOf(filter.from))
  where('e.id < ?', filter.to && firstIdOf(filter.to))
  values.push(filter.limit + 1)
  const rows = await sql.query<Row>(
    `select e.id, e.at, e.action, e.outcome, e.user_id, u.email as user_email, u.name as user_name, e.target_user_id,
       t.email as target_email, t.name as target_name, e.store, e.bucket, e.key, e.reason, e.detail, e.door, e.count,
       e.request_id, e.ip, e.user_agent
     from audit_events e left join users u on u.id = e.user_id left join users t on t.id = e.target_user_id
     ${conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''}
     order by e.id desc limit $${values.length}`,
    values,
  )
  const page = rows.slice(0, filter.limit)
  return { events: page.map(toEvent), nextCursor: rows.length > page.length ? page.at(-1)!.id : null }
}

/** The least id of an event at that time: ids begin with their time, so a time window is a range of the primary key. */
function firstIdOf(time: string): string {
  // Nothing was recorded before 1970, and no id stands for it.
  return createId('evt', Math.max(0, Date.parse(time)), new Uint8Array(10))
}

function toEvent(row: Row): AuditEvent {
  return {
    id: row.id,
    at: row.at.toISOString(),
    action: row.action,
    outcome: row.outcome,
    userId: row.user_id,
    userEmail: row.user_email,
    userName: row.user_name,
    targetUserId: row.target_user_id,
    targetEmail: row.target_email,
    targetName: row.target_name,
    store: row.store,
    bucket: row.bucket,
    key: row.key,
    reason: row.reason,
    detail: row.detail,
    door: row.door,
    count: row.count,
    requestId: row.request_id,
    ip: row.ip,
    userAgent: row.user_agent,
  }
}
