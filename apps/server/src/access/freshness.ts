import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import type { Database } from '../db/database.ts'

/** How often a heartbeat is sent, in milliseconds. */
const BEAT_MS = 2000
/** Nothing cached may be believed for longer than so many milliseconds after the latest heartbeat that was heard was sent. */
const STALE_AFTER_MS = 6000
/** By how much the clocks of two machines may run apart in that time, in milliseconds. */
const CLOCK_DRIFT_MS = 500

export interface Freshness extends AsyncDisposable {
  /** Whether notifications are proven to arrive: what was not invalidated is then still true. */
  isFresh(): boolean
  /**
   * Resolves once no process believes any more what was true only before the call: each has heard of every change that was
   * committed by then, or has not heard its own heartbeat for so long that it believes nothing cached. Never rejects.
   */
  settled(): Promise<void>
}

const CHANNEL = 'skycrate_heartbeat'

interface Question {
  readonly id: string
  readonly answered: Set<string>
  /** Looks whether everybody has answered. */
  look: () => void
}

/**
 * Proves that this process hears PostgreSQL's notifications, by hearing its own. Notifications come in the order of their
 * commits, so once a heartbeat is heard, every change committed before it has been heard too. Each heartbeat is also kept
 * in a table, so that whoever takes something away knows which processes may still believe in it.
 *
 * @param now monotonic milliseconds
 */
export async function watchFreshness(
  database: Database,
  logger: FastifyBaseLogger,
  now: () => number,
): Promise<Freshness> {
  const self = randomUUID()
  /** When the heartbeats that are under way were sent, by their number. */
  const sent = new Map<number, number>()
  const questions = new Map<string, Question>()
  let beats = 0
  /** When the latest heartbeat that was heard had been sent: what was committed before is known. */
  let knownAt = Number.NEGATIVE_INFINITY
  let fresh = false
  let next: Promise<void> | undefined
  let asking: Promise<void> = Promise.resolve()

  const isFresh = (): boolean => now() - knownAt < STALE_AFTER_MS

  const beat = (): void => {
    beats += 1
    for (const [number, at] of sent) if (now() - at >= STALE_AFTER_MS) sent.delete(number)
    sent.set(beats, now())
    // A beat that cannot be sent is one that is not heard: the caches then end by themselves.
    database
      .query(
        `with forgotten as (delete from live_processes where beat_at < now() - interval '1 minute'),
           beating as (
             insert into live_processes (id, beat_at) values ($1, clock_timestamp())
             on conflict (id) do update set beat_at = excluded.beat_at
           )
         select pg_notify('${CHANNEL}', $2)`,
        [self, `beat ${self} ${beats}`],
      )
      .catch(() => undefined)
    if (fresh && !isFresh())
      logger.warn('no notifications from the database: permissions are reloaded for each request')
    if (!fresh && isFresh()) logger.info('receiving notifications from the database again')
    fresh = isFresh()
  }

  function hear(payload: string): void {
    const [kind, id = '', detail = ''] = payload.split(' ')
    if (kind === 'beat' && id === self) {
      const at = sent.get(Number(detail))
      sent.delete(Number(detail))
      if (at !== undefined && at > knownAt) knownAt = at
    } else if (kind === 'ask') {
      // What was committed before the question has been heard before it, and is believed no more.
      database.hot.query(`select pg_notify('${CHANNEL}', $1)`, [`answer ${id} ${self}`]).catch(() => undefined)
    } else if (kind === 'answer') {
      const question = questions.get(id)
      question?.answered.add(detail)
      question?.look()
    }
  }

  /** Asks every process that may be fresh, and waits for each until it has answered or its heartbeats are too old. */
  async function ask(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const question: Question = { id: randomUUID(), answered: new Set(), look: () => undefined }
    questions.set(question.id, question)
    const timer = new AbortController()
    try {
      const rows = await database.query<{ id: string; left: number }>(
        `with asked as (select pg_notify('${CHANNEL}', $1))
         select id, extract(epoch from beat_at - clock_timestamp())::float8 * 1000 + $2 as left
         from live_processes, asked where beat_at > clock_timestamp() - make_interval(secs => $2 / 1000.0)`,
        [`ask ${question.id}`, STALE_AFTER_MS + CLOCK_DRIFT_MS],
      )
      question.look = () => {
        if (rows.every(({ id }) => question.answered.has(id))) resolve()
      }
      question.look()
      const longest = Math.max(0, ...rows.map(({ left }) => left))
      await Promise.race([promise, sleep(longest, undefined, { signal: timer.signal, ref: false })])
    } catch {
      // Without the database nobody hears a heartbeat either.
      await sleep(STALE_AFTER_MS + CLOCK_DRIFT_MS, undefined, { ref: false })
    } finally {
      timer.abort()
      questions.delete(question.id)
    }
  }

  const listener = await database.listen(CHANNEL, hear, () => {
    knownAt = Number.NEGATIVE_INFINITY
    sent.clear()
    beat()
  })
  const timer = setInterval(beat, BEAT_MS)
  timer.unref()

  return {
    isFresh,

    settled() {
      // A question that was asked before the call may have been answered before the change; the next one is shared.
      next ??= asking.then(() => {
        next = undefined
        return (asking = ask())
      })
      return next
    },

    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await listener[Symbol.asyncDispose]()
      // It answers nobody any more, and nobody has to wait for it.
      knownAt = Number.NEGATIVE_INFINITY
      await database.query('delete from live_processes where id = $1', [self]).catch(() => undefined)
    },
  }
}
