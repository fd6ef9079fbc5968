import { setImmediate as endOfTurn } from 'node:timers/promises'
import { createId } from '@skycrate/core/naming/id'
import { DEFAULT_STORE } from '@skycrate/core/naming/store'
import type { FastifyBaseLogger } from 'fastify'
import type { Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import { idRandomness } from '../id-randomness.ts'
import type { AuditLog, NewAuditEvent } from './audit-event.ts'

/** Events in one commit at most: keeps a statement's parameters small enough to parse quickly. */
const MAX_BATCH = 1000
/** Events that wait at most; beyond that a request is refused at once instead of late. */
const MAX_WAITING = 20_000

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

/** Events that are committed together, each column as the text of an array. */
class Batch {
  readonly durable: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: AppError) => void
  size = 0
  readonly #columns: string[] = COLUMNS.map(() => '')
  /** From the first event on that is not usual. */
  #more: string[] | undefined

  constructor() {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.durable = promise
    this.resolve = resolve
    this.reject = reject
  }

  add(id: string, at: string, event: NewAuditEvent): void {
    const { origin, bucket } = event
    const detail = detailOf(event)
    const store = event.store === undefined ? (bucket === null ? null : DEFAULT_STORE) : event.store
    const values = [
      quoted(id),
      quoted(at),
      quoted(event.action),
      element(event.userId),
      element(storable(bucket)),
      element(storable(event.key)),
      detail === undefined ? 'NULL' : element(json(detail)),
      element(origin.requestId),
      element(origin.ip),
      element(storable(origin.userAgent)),
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

/**
 * Commits events in groups: what arrives while one commit is on its way to the disk goes with the next. So durability
 * costs a request a few milliseconds, and the log's throughput grows with the load.
 */
export function createAuditLog(options: {
  readonly sql: Sql
  readonly logger: FastifyBaseLogger
  readonly now: () => number
}): AuditLog & {
  /** Resolves when nothing waits any more. */
  drain(): Promise<void>
  /** How many events wait for their commit. */
  waiting(): number
} {
  const { sql, logger, now } = options
  const waiting: Batch[] = []
  let waitingEvents = 0
  let running: Promise<void> | undefined
  const nextId = eventIds(now)

  /** One commit at a time: two at once were measured to be slower, for each is then half as large. */
  async function run(): Promise<void> {
    // At the end of this turn of the loop, so that all requests that were parsed in it share the first commit.
    await endOfTurn()
    for (let batch = waiting.shift(); batch; batch = waiting.shift()) {
      try {
        await batch.insert(sql)
        batch.resolve()
      } catch (cause) {
        logger.error({ err: cause, events: batch.size }, 'audit events could not be written')
        batch.reject(new AppError('audit-unavailable', undefined, { cause, retryAfter: 2 }))
      }
      waitingEvents -= batch.size
    }
    running = undefined
  }

  return {
    record(event: NewAuditEvent): Promise<void> {
      if (waitingEvents >= MAX_WAITING)
        return Promise.reject(new AppError('audit-unavailable', undefined, { retryAfter: 2 }))
      let batch = waiting.at(-1)
      if (!batch || batch.size >= MAX_BATCH) waiting.push((batch = new Batch()))
      const { id, at } = nextId()
      batch.add(id, at, event)
      waitingEvents++
      running ??= run()
      return batch.durable
    },
    waiting: () => waitingEvents,
    async drain() {
      while (running) await running
    },
  }
}

/** Milliseconds by which a clock may step back without events changing their order: what NTP does. */
const LARGEST_STEP_BACK = 5_000

/**
 * Ids that ascend in the order of recording, also within a millisecond and while the clock steps back a little. A clock
 * that had been far ahead is not followed into the future: later events would stand there until the future has come.
 */
function eventIds(now: () => number): () => { id: string; at: string } {
  const random = Buffer.alloc(10)
  let last = 0
  let sequence = 0
  let text = ''
  return () => {
    const clock = now()
    const time = last - clock > LARGEST_STEP_BACK ? clock : Math.max(clock, last)
    if (time !== last) {
      last = time
      sequence = 0
      text = new Date(time).toISOString()
    }
    idRandomness(random)
    random.writeUInt16BE(Math.min(sequence++, 0xffff))
    return { id: createId('evt', time, random), at: text }
  }
}

/** PostgreSQL's text takes neither U+0000 nor half a surrogate pair, and one such value would fail its whole batch. */
function storable(text: string | null): string | null {
  if (text === null) return null
  const short = text.length > 4096 ? text.slice(0, 4096) : text
  const well = short.includes('\0') ? short.replaceAll('\0', '\u{FFFD}') : short
  return well.isWellFormed() ? well : well.toWellFormed()
}

/** What it says, and the access token by which it was done. */
function detailOf({ detail, origin }: NewAuditEvent): object | undefined {
  return origin.tokenId ? { ...detail, tokenId: origin.tokenId } : detail
}

/** Nor does its jsonb; JSON writes both as escapes. */
function json(detail: object): string {
  const text = JSON.stringify(detail)
  if (!text.includes('\\u')) return text
  return JSON.stringify(detail, (_name, value: unknown) => (typeof value === 'string' ? storable(value) : value))
}
