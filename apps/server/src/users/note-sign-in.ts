import type { UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'

/** @returns whether the user had deleted the account, which signing in takes back */
export async function noteSignIn(tx: Sql, userId: UserId): Promise<boolean> {
  const kept = await tx.query(
    'update users set delete_at = null, updated_at = now() where id = $1 and delete_at is not null returning 1',
    [userId],
  )
  await tx.query('update users set last_sign_in_at = now() where id = $1', [userId])
  return kept.length > 0
}
