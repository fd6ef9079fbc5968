import { randomUUID } from 'node:crypto'
import type { FastifyBaseLogger } from 'fastify'
import type { Database } from '../db/database.ts'

/** How often a heartbeat is sent, in milliseconds. */
const BEAT_MS = 2000
/** Without a heartbeat heard for so long, in milliseconds, nothing cached may be believed. */
const STALE_AFTER_MS = 6000

export interface Freshness extends AsyncDisposable {
  /** Whether notifications are proven to arrive: what was not invalidated is then still true. */
  isFresh(): boolean
}

/**
 * Proves that this process hears PostgreSQL's notifications, by hearing its own. Notifications come in the order of their
 * commits, so once a heartbeat is heard, every change committed before it has been heard too.
 *
 * @param now monotonic milliseconds
 */
export async function watchFreshness(
  database: Database,
  logger: FastifyBaseLogger,
  now: () => number,
): Promise<Freshness> {
  const self = randomUUID()
  let heardAt = Number.NEGATIVE_INFINITY
  let fresh = false
  const beat = (): void => {
    // A beat that cannot be sent is one that is not heard: the caches then end by themselves.
    database.query("select pg_notify('skycrate_heartbeat', $1)", [self]).catch(() => undefined)
    const isFresh = now() - heardAt < STALE_AFTER_MS
    if (fresh && !isFresh) logger.warn('no notifications from the database: permissions are read anew for each request')
    if (!fresh && isFresh) logger.info('notifications from the database arrive')
    fresh = isFresh
  }
  const listener = await database.listen(
    'skycrate_heartbeat',
    (payload) => {
      if (payload === self) heardAt = now()
    },
    () => {
      heardAt = Number.NEGATIVE_INFINITY
      beat()
    },
  )
  const timer = setInterval(beat, BEAT_MS)
  timer.unref()
  return {
    isFresh: () => now() - heardAt < STALE_AFTER_MS,
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await listener[Symbol.asyncDispose]()
    },
  }
}
