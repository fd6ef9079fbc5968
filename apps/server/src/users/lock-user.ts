import type { UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'

/**
 * Holds the user until the transaction ends: whoever signs in, changes a password or a state takes turns.
 * @returns whether there is such a user
 */
export async function lockUser(tx: Sql, userId: UserId): Promise<boolean> {
  const found = await tx.query('select 1 from users where id = $1 for no key update', [userId])
  return found.length > 0
}
