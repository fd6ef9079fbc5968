import type { UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'

export async function isActiveUser(sql: Sql, userId: UserId): Promise<boolean> {
  const found = await sql.query(`select 1 from users where id = $1 and state = 'active'`, [userId])
  return found.length > 0
}
