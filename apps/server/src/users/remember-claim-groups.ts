import { randomBytes } from 'node:crypto'
import { createId, type UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'

/**
 * Makes the groups of an issuer that a user is remembered in those that their token names now, so that an administrator
 * sees them and questions about access count them.
 *
 * @param names each once and in order, so that two sign-ins at once don't wait for each other in a circle
 */
export async function rememberClaimGroups(
  tx: Sql,
  userId: UserId,
  issuer: string,
  names: readonly string[],
  now: number,
): Promise<void> {
  if (names.length > 0) {
    const ids = names.map(() => createId('grp', now, randomBytes(10)))
    await tx.query(
      `insert into groups (id, name, issuer) select id, name, $3 from unnest($1::text[], $2::text[]) as named (id, name)
       on conflict do nothing`,
      [ids, names, issuer],
    )
  }
  await tx.query(
    `delete from group_members m using groups g
     where m.user_id = $1 and m.from_claims and g.id = m.group_id and g.issuer = $2 and g.name <> all($3::text[])`,
    [userId, issuer, names],
  )
  await tx.query(
    `insert into group_members (group_id, user_id, from_claims)
     select g.id, $1, true from groups g where g.issuer = $2 and g.name = any($3::text[])
     on conflict do nothing`,
    [userId, issuer, names],
  )
}
