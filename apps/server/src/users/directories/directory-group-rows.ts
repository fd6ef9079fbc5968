import type { DirectoryId, GroupId } from '@skycrate/core/naming/id'
import type { Sql } from '../../db/database.ts'
import type { Condition } from './directory-user-rows.ts'

export interface DirectoryGroup {
  readonly id: GroupId
  readonly name: string
  readonly externalId: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
  /** Undefined where nobody asked for them. */
  readonly members: readonly GroupPerson[] | undefined
}

export interface GroupPerson {
  readonly id: string
  readonly userName: string
}

interface Row {
  id: GroupId
  name: string
  external_id: string | null
  created_at: Date
  updated_at: Date
  members?: GroupPerson[]
}

const COLUMNS = 'g.id, g.name, g.external_id, g.created_at, g.updated_at'
const MEMBERS = `(select coalesce(json_agg(json_build_object('id', m.user_id, 'userName', d.user_name) order by m.user_id), '[]')
  from group_members m join directory_users d on d.user_id = m.user_id and d.deleted_at is null
  where m.group_id = g.id and not m.from_claims and d.directory_id = g.directory_id) as members`

export async function findDirectoryGroup(
  sql: Sql,
  directoryId: DirectoryId,
  id: GroupId,
  withMembers: boolean,
): Promise<DirectoryGroup | undefined> {
  const [row] = await sql.query<Row>(
    `select ${COLUMNS}${withMembers ? `, ${MEMBERS}` : ''} from groups g where g.directory_id = $1 and g.id = $2`,
    [directoryId, id],
  )
  return row && toGroup(row)
}

/** By id. @param offset groups before the first one */
export async function readDirectoryGroups(
  sql: Sql,
  directoryId: DirectoryId,
  condition: Condition,
  { offset, limit, withMembers }: { readonly offset: number; readonly limit: number; readonly withMembers: boolean },
): Promise<{ readonly total: number; readonly groups: readonly DirectoryGroup[] }> {
  const values = [directoryId, ...condition.values]
  const [counted] = await sql.query<{ total: number }>(
    `select count(*)::int as total from groups g where g.directory_id = $1 and (${condition.sql})`,
    values,
  )
  const total = counted?.total ?? 0
  if (limit === 0 || offset >= total) return { total, groups: [] }
  const rows = await sql.query<Row>(
    // Members are read of this page alone, and not of all before it.
    `with page as materialized (
       select g.id from groups g where g.directory_id = $1 and (${condition.sql})
       order by g.id limit $${values.length + 1} offset $${values.length + 2}
     )
     select ${COLUMNS}${withMembers ? `, ${MEMBERS}` : ''} from page join groups g on g.id = page.id order by g.id`,
    [...values, limit, offset],
  )
  return { total, groups: rows.map(toGroup) }
}

function toGroup(row: Row): DirectoryGroup {
  return {
    id: row.id,
    name: row.name,
    externalId: row.external_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    members: row.members,
  }
}
