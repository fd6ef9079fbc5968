import type { UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'

/** Whether one of the user's groups requires a second factor; of `users u`. */
export const REQUIRES_SECOND_FACTOR = `exists(
  select 1 from group_members m join groups g on g.id = m.group_id
  where m.user_id = u.id and g.requires_second_factor)`

export async function requiresSecondFactor(sql: Sql, userId: UserId): Promise<boolean> {
  const [row] = await sql.query<{ required: boolean }>(
    `select ${REQUIRES_SECOND_FACTOR} as required from users u where u.id = $1`,
    [userId],
  )
  return row?.required ?? false
}
