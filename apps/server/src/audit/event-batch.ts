import { DEFAULT_STORE } from '@skycrate/core/naming/store'
import type { Sql } from '../db/database.ts'
import type { NewAuditEvent } from './audit-event.ts'

/** What nearly every event of a busy log has in common goes into the statement: fewer arrays are less to write and to parse. */
const USUAL = { outcome: 'allow', store: DEFAULT_STORE, door: 'rest' } as const
/** Columns of every event, and their types. */
const COLUMNS = [
  ['id', 'text'],
  ['at', 'timestamptz'],
  ['action', 'text'],
  ['user_id', 'text'],
  ['bucket', 'text'],
  ['key', 'text'],
  ['detail', 'jsonb'],
  ['request_id', 'text'],
  ['ip', 'text'],
  ['user_agent', 'text'],
] as const
/** Columns of events that are not usual. */
const MORE_COLUMNS = [
  ['outcome', 'text'],
  ['store', 'text'],
  ['door', 'text'],
  ['target_user_id', 'text'],
  ['reason', 'text'],
  ['count', 'int'],
] as const

function insertOf(
  columns: readonly (readonly [name: string, type: string])[],
  constants: Readonly<Record<string, string>> = {},
): string {
  const names = columns.map(([name]) => name)
  const arrays = columns.map(([, type], i) => `$${i + 1}::${type}[]`)
  const literals = Object.values(constants).map((value) => `'${value}'`)
  return `insert into audit_events (${[...names, ...Object.keys(constants)].join(', ')})
    select ${[...names, ...literals].join(', ')} from unnest(${arrays.join(', ')}) e (${names.join(', ')})`
}
const INSERT_USUAL = insertOf(COLUMNS, USUAL)
const INSERT = insertOf([...COLUMNS, ...MORE_COLUMNS])

/** What an event has in common with the others of a batch of one request, as elements of its columns. */
interface Shared {
  readonly action: string
  readonly userId: string
  readonly bucket: string
  readonly detail: string
  readonly requestId: string
  readonly ip: string
  readonly userAgent: string
}

/** Whether two events have the same elements: of one request, about one bucket, with the very same detail. */
const isAlike = (one: NewAuditEvent, other: NewAuditEvent): boolean =>
  one.origin === other.origin &&
  one.detail === other.detail &&
  one.action === other.action &&
  one.userId === other.userId &&
  one.bucket === other.bucket

/** Events that one statement writes, each column as the text of an array. */
export class EventBatch {
  size = 0
  readonly #columns: string[] = COLUMNS.map(() => '')
  /** From the first event on that is not usual. */
  #more: string[] | undefined
  #last: { readonly event: NewAuditEvent; readonly shared: Shared } | undefined

  add(id: string, at: string, event: NewAuditEvent): void {
    const { origin, bucket } = event
    const { action, userId, bucket: place, detail, requestId, ip, userAgent } = this.#sharedOf(event)
    const store = event.store === undefined ? (bucket === null ? null : DEFAULT_STORE) : event.store
    const values = [
      quoted(id),
      quoted(at),
      action,
      userId,
      place,
      element(storable(event.key)),
      detail,
      requestId,
      ip,
      userAgent,
    ]
    this.#addTo(this.#columns, values)
    const isUsual =
      event.outcome === USUAL.outcome &&
      store === USUAL.store &&
      origin.door === USUAL.door &&
      event.reason === null &&
      (event.targetUserId ?? null) === null &&
      event.count === undefined
    if (this.#more !== undefined || !isUsual) {
      this.#more ??= moreOfUsual(this.size)
      const { outcome, reason, targetUserId = null, count = 1 } = event
      this.#addTo(this.#more, [
        quoted(outcome),
        element(store),
        quoted(origin.door),
        element(targetUserId),
        element(storable(reason)),
        quoted(String(count)),
      ])
    }
    this.size++
  }

  #sharedOf(event: NewAuditEvent): Shared {
    const last = this.#last
    if (last !== undefined && isAlike(last.event, event)) return last.shared
    const { origin } = event
    const detail = detailOf(event)
    const shared = {
      action: quoted(event.action),
      userId: element(event.userId),
      bucket: element(storable(event.bucket)),
      detail: detail === undefined ? 'NULL' : element(json(detail)),
      requestId: element(origin.requestId),
      ip: element(origin.ip),
      userAgent: element(storable(origin.userAgent)),
    }
    this.#last = { event, shared }
    return shared
  }

  #addTo(columns: string[], values: readonly string[]): void {
    const separator = this.size === 0 ? '' : ','
    for (let i = 0; i < values.length; i++) columns[i] += separator + values[i]!
  }

  async insert(sql: Sql): Promise<void> {
    const columns = this.#more === undefined ? this.#columns : [...this.#columns, ...this.#more]
    const values = columns.map((elements) => `{${elements}}`)
    if (this.#more === undefined) await sql.query(INSERT_USUAL, values, 'audit-insert-usual')
    else await sql.query(INSERT, values, 'audit-insert')
  }
}

/** The columns that the usual events of a batch did not need, once one event does. */
function moreOfUsual(events: number): string[] {
  const values = [quoted(USUAL.outcome), quoted(USUAL.store), quoted(USUAL.door), 'NULL', 'NULL', quoted('1')]
  return values.map((value) => Array.from({ length: events }, () => value).join(','))
}

/** An element of PostgreSQL's text of an array. */
function element(text: string | null): string {
  if (text === null) return 'NULL'
  if (!text.includes('"') && !text.includes('\\')) return quoted(text)
  return quoted(text.replaceAll('\\', '\\\\').replaceAll('"', '\\"'))
}

/** @param text without quotes and backslashes */
const quoted = (text: string): string => `"${text}"`

/** PostgreSQL's text takes neither U+0000 nor half a surrogate pair, and one such value would fail its whole batch. */
function storable(text: string | null): string | null {
  if (text === null) return null
  const short = text.length > 4096 ? text.slice(0, 4096) : text
  const well = short.includes('\0') ? short.replaceAll('\0', '\u{FFFD}') : short
  return well.isWellFormed() ? well : well.toWellFormed()
}

/** What it says, and the access token or the link by which it was done. */
function detailOf({ detail, origin: { tokenId, shareId } }: NewAuditEvent): object | undefined {
  return tokenId || shareId ? { ...detail, ...(tokenId && { tokenId }), ...(shareId && { shareId }) } : detail
}

/** Nor does its jsonb; JSON writes both as escapes. */
function json(detail: object): string {
  const text = JSON.stringify(detail)
  if (!text.includes('\\u')) return text
  return JSON.stringify(detail, (_name, value: unknown) => (typeof value === 'string' ? storable(value) : value))
}
