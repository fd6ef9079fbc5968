import type { UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'

export async function noteSignIn(tx: Sql, userId: UserId): Promise<void> {
  await tx.query('update users set last_sign_in_at = now() where id = $1', [userId])
}
