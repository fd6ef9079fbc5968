import type { UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'

/**
 * Whoever might take an administrator away takes turns, so that two requests at once don't each count on the other's.
 * Before any lock of a user.
 */
export async function lockAdministrators(tx: Sql): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('skycrate.administrators', 0))`)
}

/**
 * Under `lockAdministrators`.
 * @throws AppError `last-administrator` where no other active user is an administrator
 */
export async function requireAnotherAdministrator(tx: Sql, userId: UserId): Promise<void> {
  const others = await tx.query(`select 1 from users where is_admin and state = 'active' and id <> $1 limit 1`, [
    userId,
  ])
  if (others.length > 0) return
  throw new AppError('last-administrator', 'Make another user an administrator first.')
}
