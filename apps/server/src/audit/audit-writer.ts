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

const INSERT = `
  insert into audit_events (id, at, action, outcome, user_id, target_user_id, store, bucket, key, reason, detail,
    request_id, ip, user_agent, door, count)
  select * from unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
    $8::text[], $9::text[], $10::text[], $11::jsonb[], $12::text[], $13::text[], $14::text[], $15::text[],
    $16::int[])`
const COLUMNS = 16

type Column = (string | null)[]

/** Events that are committed together, column by column as the statement takes them. */
class Batch {
  readonly columns: readonly Column[] = Array.from({ length: COLUMNS }, () => [])
  readonly durable: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: AppError) => void

  constructor() {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.durable = promise
    this.resolve = resolve
    this.reject = reject
  }

  get size(): number {
    return this.columns[0]!.length
  }

  add(...values: Column): void {
    for (let i = 0; i < values.length; i++) this.columns[i]!.push(values[i]!)
  }
}

/**
 * Commits events in groups: what arrives while one commit is on its way to the disk goes with the next. So durability
 * costs a request a few milliseconds, and the log's throughput grows with the load.
 */
export function createAuditLog(options: {
  readonly sql: Sql
  readonly logger: FastifyBaseLogger
  readonly now: () => number
}): AuditLog & { /** Resolves when nothing waits any more. */ drain(): Promise<void> } {
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
        await sql.query(INSERT, batch.columns, 'audit-insert')
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
      batch.add(
        id,
        at,
        event.action,
        event.outcome,
        event.userId,
        event.targetUserId ?? null,
        event.store === undefined ? (event.bucket === null ? null : DEFAULT_STORE) : event.store,
        storable(event.bucket),
        storable(event.key),
        storable(event.reason),
        event.detail === undefined ? null : json(event.detail),
        event.origin.requestId,
        event.origin.ip,
        storable(event.origin.userAgent),
        event.origin.door,
        event.count === undefined ? '1' : String(event.count),
      )
      waitingEvents++
      running ??= run()
      return batch.durable
    },
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

/** Nor does its jsonb; JSON writes both as escapes. */
function json(detail: object): string {
  const text = JSON.stringify(detail)
  if (!text.includes('\\u')) return text
  return JSON.stringify(detail, (_name, value: unknown) => (typeof value === 'string' ? storable(value) : value))
}
