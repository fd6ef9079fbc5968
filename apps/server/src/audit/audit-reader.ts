import type { Door } from '@skycrate/contract/audit-actions'
import type { AuditEvent, AuditEvents, Outcome } from '@skycrate/contract/audit/schemas'
import { isId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import { type AuditFilter, idRange, searchOf, writeConditions } from './audit-filter.ts'

export interface PageOfAudit extends AuditFilter {
  readonly cursor?: string | undefined
  /** 1 to 1,000. */
  readonly limit: number
}

/** Rows that the first statement looks at where an index alone does not answer, and that any looks at. */
const FIRST_WINDOW = 250
const LARGEST_WINDOW = 1_000
/** Milliseconds within which a statement answers where the rows are in memory: then the next looks at more. */
const QUICK_MS = 5
/** Milliseconds after which a page is handed out with what was found so far. */
const PATIENCE_MS = 15

const COLUMNS = `id, at, action, outcome, user_id, target_user_id, store, bucket, key, reason, detail, door, count,
  request_id, ip, user_agent`

interface Row {
  id: string
  at: Date
  action: string
  outcome: Outcome
  user_id: string | null
  user_email: string | null
  user_email_verified: boolean | null
  user_issuer: string | null
  user_name: string | null
  target_user_id: string | null
  target_email: string | null
  target_email_verified: boolean | null
  target_issuer: string | null
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
  /** The last row that was looked at, where there may be more behind it. */
  seen_to: string | null
}

/**
 * A page of the log, newest first. Ids descend with time, so a page seeks its place in an index however long the log is.
 * Where few of many rows match, a page may be short and still have a cursor: the search goes on there.
 * @throws AppError `invalid-cursor`
 */
export async function readAuditEvents(sql: Sql, page: PageOfAudit): Promise<AuditEvents> {
  const { limit } = page
  if (page.cursor !== undefined && !isId('evt', page.cursor)) throw new AppError('invalid-cursor')
  const deadline = performance.now() + PATIENCE_MS
  const found: Row[] = []
  let cursor: string | null | undefined = page.cursor
  let window = FIRST_WINDOW
  do {
    const start = performance.now()
    const { rows, seenTo } = await readWindow(sql, page, cursor ?? undefined, limit + 1 - found.length, window)
    if (performance.now() - start < QUICK_MS) window = Math.min(window * 2, LARGEST_WINDOW)
    found.push(...rows)
    cursor = seenTo
  } while (cursor !== null && found.length <= limit && performance.now() < deadline)
  const events = found.slice(0, limit)
  return { events: events.map(toEvent), nextCursor: found.length > limit ? events.at(-1)!.id : cursor }
}

async function readWindow(
  sql: Sql,
  filter: AuditFilter,
  cursor: string | undefined,
  need: number,
  window: number,
): Promise<{ rows: Row[]; /** Null at the end of the log. */ seenTo: string | null }> {
  const values: unknown[] = []
  const { branches, rest } = searchOf(filter)
  const range = [...idRange(filter), ...(cursor === undefined ? [] : [['id < ?', cursor] as const])]
  const size = rest.length === 0 ? need : window
  const parts = branches.map(
    (conditions) =>
      `(select ${COLUMNS} from audit_events where ${writeConditions([...conditions, ...range], values)}
        order by id desc limit ${size})`,
  )
  const looked =
    parts.length === 1 ? parts[0]! : `(select * from (${parts.join(' union all ')}) b order by id desc limit ${size})`
  const matches = writeConditions(rest, values)
  const rows = await sql.query<Row>(
    `with looked as materialized ${looked},
       seen as (select case when count(*) = ${size} then min(id) end as seen_to from looked),
       page as (select * from looked where ${matches} order by id desc limit ${need})
     select p.*, seen_to, u.email as user_email, u.email_verified as user_email_verified, u.email_issuer as user_issuer,
       u.name as user_name, t.email as target_email, t.email_verified as target_email_verified,
       t.email_issuer as target_issuer, t.name as target_name
     from seen left join page p on true left join users u on u.id = p.user_id left join users t on t.id = p.target_user_id
     order by p.id desc`,
    values,
  )
  return { rows: rows.filter(({ id }) => id !== null), seenTo: rows[0]?.seen_to ?? null }
}

function toEvent(row: Row): AuditEvent {
  return {
    id: row.id,
    at: row.at.toISOString(),
    action: row.action,
    outcome: row.outcome,
    userId: row.user_id,
    userEmail: row.user_email,
    userEmailVerified: row.user_email_verified ?? false,
    userIssuer: row.user_issuer,
    userName: row.user_name,
    targetUserId: row.target_user_id,
    targetEmail: row.target_email,
    targetEmailVerified: row.target_email_verified ?? false,
    targetIssuer: row.target_issuer,
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
