import type { UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'

/** An invited user has come. @param name the one that they chose, where they did */
export async function activateUser(tx: Sql, userId: UserId, name?: string): Promise<void> {
  await tx.query(
    `update users set state = 'active', name = coalesce($2, name), name_chosen = name_chosen or $2::text is not null,
       updated_at = now()
     where id = $1 and state = 'invited'`,
    [userId, name ?? null],
  )
}
