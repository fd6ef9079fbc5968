import type { DirectoryId, UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../../db/database.ts'
import type { UserState } from '../user.ts'
import type { DirectoryUser } from './directory-user.ts'

/** A part of a `where` whose values stand from `$2` on; `$1` is the directory. */
export interface Condition {
  readonly sql: string
  readonly values: readonly unknown[]
}

interface Row {
  id: UserId
  user_name: string
  external_id: string | null
  attributes: Record<string, unknown>
  state: UserState
  groups: { id: string; name: string }[]
  created_at: Date
  updated_at: Date
}

const COLUMNS = `u.id, d.user_name, d.external_id, d.attributes, u.state, d.created_at,
  greatest(d.updated_at, u.updated_at) as updated_at,
  (select coalesce(json_agg(json_build_object('id', g.id, 'name', g.name) order by g.name), '[]')
    from group_members m join groups g on g.id = m.group_id
    where m.user_id = u.id and not m.from_claims and g.directory_id = d.directory_id) as groups`
const THERE = `directory_users d join users u on u.id = d.user_id
  where d.directory_id = $1 and d.deleted_at is null and u.state not in ('deleting', 'deleted')`

export async function findDirectoryUser(
  sql: Sql,
  directoryId: DirectoryId,
  id: UserId,
): Promise<DirectoryUser | undefined> {
  const [row] = await sql.query<Row>(`select ${COLUMNS} from ${THERE} and d.user_id = $2`, [directoryId, id])
  return row && toUser(row)
}

/** By id. @param offset users before the first one */
export async function readDirectoryUsers(
  sql: Sql,
  directoryId: DirectoryId,
  condition: Condition,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<{ readonly total: number; readonly users: readonly DirectoryUser[] }> {
  const values = [directoryId, ...condition.values]
  const [counted] = await sql.query<{ total: number }>(
    `select count(*)::int as total from ${THERE} and (${condition.sql})`,
    values,
  )
  const total = counted?.total ?? 0
  if (limit === 0 || offset >= total) return { total, users: [] }
  const rows = await sql.query<Row>(
    // What costs more than the key is read of this page alone, and not of all before it.
    `with page as materialized (
       select d.user_id from ${THERE} and (${condition.sql})
       order by d.user_id limit $${values.length + 1} offset $${values.length + 2}
     )
     select ${COLUMNS} from page join directory_users d on d.user_id = page.user_id and d.directory_id = $1
     join users u on u.id = d.user_id order by d.user_id`,
    [...values, limit, offset],
  )
  return { total, users: rows.map(toUser) }
}

/** Of those ids the ones that are users of the directory. */
export async function knownDirectoryUsers(
  sql: Sql,
  directoryId: DirectoryId,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await sql.query<{ id: string }>(`select u.id from ${THERE} and d.user_id = any($2::text[])`, [
    directoryId,
    ids,
  ])
  return new Set(rows.map(({ id }) => id))
}

function toUser(row: Row): DirectoryUser {
  return {
    id: row.id,
    userName: row.user_name,
    externalId: row.external_id,
    state: row.state,
    attributes: row.attributes,
    groups: row.groups,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
