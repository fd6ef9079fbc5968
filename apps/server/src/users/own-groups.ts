import type { GroupId, UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'

/**
 * The ids of SkyCrate's own groups by name or id.
 * @throws AppError `invalid-request` that names each that is none
 */
export async function requireOwnGroups(sql: Sql, namesOrIds: readonly string[]): Promise<GroupId[]> {
  if (namesOrIds.length === 0) return []
  const rows = await sql.query<{ id: GroupId; name: string }>(
    `select id, name from groups where issuer is null and (name = any($1::text[]) or id = any($1::text[]))`,
    [namesOrIds],
  )
  const byText = new Map(rows.flatMap(({ id, name }) => [[id, id] as const, [name, id] as const]))
  const errors = namesOrIds.flatMap((text, at) =>
    byText.has(text) ? [] : [{ path: `/groups/${at}`, message: 'is no group of SkyCrate' }],
  )
  if (errors.length > 0) throw new AppError('invalid-request', undefined, { errors })
  return [...new Set(namesOrIds.map((text) => byText.get(text)!))]
}

/** @returns whether the user left or entered any */
export async function setOwnGroups(tx: Sql, userId: UserId, groups: readonly GroupId[]): Promise<boolean> {
  const left = await tx.query(
    `delete from group_members where user_id = $1 and not from_claims and group_id <> all($2::text[]) returning group_id`,
    [userId, groups],
  )
  const entered = await tx.query(
    `insert into group_members (group_id, user_id, from_claims) select id, $1, false from unnest($2::text[]) as wanted (id)
     on conflict do nothing returning group_id`,
    [userId, groups],
  )
  return left.length + entered.length > 0
}
