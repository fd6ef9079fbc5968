import { setTimeout as sleep } from 'node:timers/promises'
import type { Database, Sql } from './database.ts'
import type { DatabaseLogger } from './database-logger.ts'

/** Where lists and numbers are read: never what decides, and nothing that a change is based on. */
export interface Reads {
  /** As the database was a few seconds ago at the earliest. */
  readonly recent: Sql & Pick<Database, 'transaction'>
  /** With all that was committed before the question: who has just changed something sees it. */
  readonly current: Sql
}

/** Milliseconds between two looks at how far the replica is. */
const LOOK_MS = 1000
/** Milliseconds for which a question waits for the replica to come as far as the primary. */
const PATIENCE_MS = 250
const PAUSE_MS = 10
/** Milliseconds between two lines of the log that say that the replica is not used. */
const TELL_MS = 60_000

/** Without a replica. */
export const readsOf = (database: Database): Reads => ({ recent: database, current: database })

/**
 * Reads on a replica, and on the primary where the replica is away or behind. The lag is measured by WAL
 * positions, not by clocks: a replica that has replayed a position has everything that the primary had written when that
 * position was read.
 */
export function openReads(options: {
  readonly primary: Database
  /** Closed with this. */
  readonly replica: Database
  readonly maxLagMs: number
  readonly logger: DatabaseLogger
}): Reads & AsyncDisposable {
  const { primary, replica, maxLagMs, logger } = options
  /** Positions of the primary that the replica is not known to have reached, oldest first. */
  let ahead: { readonly position: string; readonly at: number }[] = []
  /** The replica has all that was there then. */
  let provenAt = -Infinity
  let isUsed = false
  let isRelative: boolean | undefined
  let toldAt = -Infinity

  const positionOf = async (sql: Sql): Promise<string> =>
    (await sql.query<{ at: string }>('select pg_current_wal_flush_lsn()::text as at'))[0]!.at

  const hasReached = async (positions: readonly string[]): Promise<readonly boolean[]> => {
    const [row] = await replica.hot.query<{ reached: boolean[] | null }>(
      `select array(select pg_last_wal_replay_lsn() >= p::pg_lsn from unnest($1::text[]) with ordinality u(p, n) order by n)
         as reached where pg_is_in_recovery()`,
      [positions],
    )
    if (!row?.reached) throw new Error('it is no replica')
    return row.reached
  }

  /** A replica of another cluster has positions, too. */
  async function requireRelative(): Promise<void> {
    if (isRelative === true) return
    const text = 'select system_identifier::text || current_database() as identity from pg_control_system()'
    const [ours, theirs] = await Promise.all([primary.query(text), replica.query(text)])
    if (ours[0]!['identity'] !== theirs[0]!['identity']) throw new Error('it is a replica of another database')
    isRelative = true
  }

  function judge(reason: unknown): void {
    const now = performance.now()
    const isGood = now - provenAt <= maxLagMs
    if (isGood && !isUsed) logger.info({ maxLagMs }, 'lists and statistics are read on the replica')
    if (!isGood && (isUsed || now - toldAt >= TELL_MS)) {
      toldAt = now
      logger.warn(
        { err: reason, behindMs: Number.isFinite(provenAt) ? Math.round(now - provenAt) : undefined },
        'the read replica is away or too far behind: everything is read on the primary',
      )
    }
    isUsed = isGood
  }

  async function look(): Promise<void> {
    let reason: unknown
    try {
      await requireRelative()
      const at = performance.now()
      ahead.push({ position: await positionOf(primary.hot), at })
      const reached = await hasReached(ahead.map(({ position }) => position))
      const last = reached.lastIndexOf(true)
      if (last >= 0) provenAt = ahead[last]!.at
      // As many as the allowed lag has looks: older ones prove nothing that would still count.
      ahead = ahead.slice(last + 1).filter((each) => at - each.at <= maxLagMs)
    } catch (error) {
      reason = error
    }
    judge(reason)
  }

  let looking = look()
  const timer = setInterval(() => {
    looking = looking.then(look)
  }, LOOK_MS)
  timer.unref()

  const isRecent = (): boolean => isUsed && performance.now() - provenAt <= maxLagMs

  /** What fails at the replica, whatever the reason, is asked of the primary: an error of the question comes again there. */
  async function onReplica<T>(ask: (sql: Database) => Promise<T>): Promise<T> {
    try {
      return await ask(replica)
    } catch (error) {
      provenAt = -Infinity
      judge(error)
      return ask(primary)
    }
  }

  async function isCurrent(): Promise<boolean> {
    if (!isRecent()) return false
    const position = await positionOf(primary.hot)
    try {
      const end = performance.now() + PATIENCE_MS
      do {
        if ((await hasReached([position]))[0] === true) return true
        await sleep(PAUSE_MS)
      } while (performance.now() < end)
    } catch (error) {
      provenAt = -Infinity
      judge(error)
    }
    return false
  }

  return {
    recent: {
      query: (...given) => (isRecent() ? onReplica((database) => database.query(...given)) : primary.query(...given)),
      transaction: (work) =>
        isRecent() ? onReplica((database) => database.transaction(work)) : primary.transaction(work),
    },
    current: {
      query: async (...given) =>
        (await isCurrent()) ? onReplica((database) => database.query(...given)) : primary.query(...given),
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await looking
      await replica[Symbol.asyncDispose]()
    },
  }
}
