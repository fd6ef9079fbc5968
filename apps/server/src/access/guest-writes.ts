import type { Sql } from '../db/database.ts'

/**
 * Guests are anybody: in production they may look, where the operator lets them in, and never write or delete.
 * @throws Error with a message for the operator that names the permissions which would let them
 */
export async function refuseGuestWrites(sql: Sql): Promise<void> {
  const rows = await sql.query<{ id: string }>(
    `select id from permissions
     where principal_kind = 'guest' and (can_write or can_delete) and (expires_at is null or expires_at > now())
     order by id limit 10`,
  )
  if (rows.length === 0) return
  throw new Error(
    `guests may write or delete by ${rows.map((row) => row.id).join(', ')}, which is refused in production: ` +
      'start with SKYCRATE_GUESTS=false and remove these permissions',
  )
}
