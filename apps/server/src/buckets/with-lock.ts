import type { Database, Sql } from '../db/database.ts'
import { SessionsBusyError } from '../db/sessions-busy-error.ts'
import { AppError } from '../errors/app-error.ts'

const RETRY_AFTER_SECONDS = 2

/**
 * Runs `work` while no other process runs anything under the same name. The lock belongs to the connection that `work`
 * gets: when that is lost the lock is lost, and so is every further write of `work`, so that two never go on at once.
 *
 * @param waitMs milliseconds
 * @throws AppError `provisioning-failed`, to be tried again, where the lock is not had in time; `store-unavailable` where
 * all who may hold a lock are waiting for a store that hangs
 */
export async function withLock<T>(
  database: Database,
  name: string,
  waitMs: number,
  work: (connection: Sql) => Promise<T>,
): Promise<T> {
  const locked = database.session(async (connection) => {
    await connection.query(`select set_config('lock_timeout', $1, false)`, [`${waitMs}ms`])
    try {
      await connection.query(`select pg_advisory_lock(hashtextextended($1, 0))`, [name])
    } catch (error) {
      if ((error as { code?: unknown }).code !== LOCK_NOT_AVAILABLE) throw error
      throw new AppError(
        'provisioning-failed',
        'Another request is working on this home or bucket. Try again in a moment.',
        {
          cause: error,
          retryAfter: RETRY_AFTER_SECONDS,
        },
      )
    }
    // The session's connection ends with it, and the lock and the setting with the connection.
    return work(connection)
  })
  return locked.catch((error: unknown) => {
    if (!(error instanceof AppError && error.cause instanceof SessionsBusyError)) throw error
    // Nothing but work at a store is done under a lock, so that is what the others wait for.
    throw new AppError('store-unavailable', undefined, { cause: error.cause, retryAfter: RETRY_AFTER_SECONDS })
  })
}

/** @see https://www.postgresql.org/docs/current/errcodes-appendix.html */
const LOCK_NOT_AVAILABLE = '55P03'
