import type { UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'

/** Whether the user signs in with more than the password. */
export async function hasSecondFactor(sql: Sql, userId: UserId): Promise<boolean> {
  const found = await sql.query(
    `select 1 from credentials where user_id = $1 and kind = 'totp' union all select 1 from passkeys where user_id = $1
     limit 1`,
    [userId],
  )
  return found.length > 0
}
