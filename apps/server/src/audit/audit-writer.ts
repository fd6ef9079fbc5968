import { setImmediate as endOfTurn } from 'node:timers/promises'
import { createId } from '@skycrate/core/naming/id'
import type { FastifyBaseLogger } from 'fastify'
import type { Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import { idRandomness } from '../id-randomness.ts'
import type { AuditLog, NewAuditEvent } from './audit-event.ts'
import { EventBatch } from './event-batch.ts'

/** Events in one commit at most: keeps a statement's parameters small enough to parse quickly. */
const MAX_BATCH = 1000
/** Events that wait at most; beyond that a request is refused at once instead of late. */
const MAX_WAITING = 20_000

/** Events that are committed together. */
class WaitingBatch extends EventBatch {
  readonly durable: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: AppError) => void

  constructor() {
    super()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.durable = promise
    this.resolve = resolve
    this.reject = reject
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
}): AuditLog & {
  /** Resolves when nothing waits any more. */
  drain(): Promise<void>
  /** How many events wait for their commit. */
  waiting(): number
} {
  const { sql, logger, now } = options
  const waiting: WaitingBatch[] = []
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
      if (!batch || batch.size >= MAX_BATCH) waiting.push((batch = new WaitingBatch()))
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
