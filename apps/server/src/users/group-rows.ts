import type { GroupMember, Groups, GroupsQuery, GroupSummary } from '@skycrate/contract/groups/schemas'
import type { GroupId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'

export interface GroupRow {
  id: GroupId
  name: string
  issuer: string | null
  description: string
  requires_second_factor: boolean
  member_count: number
  created_at: Date
  updated_at: Date
}

const COLUMNS = `g.id, g.name, g.issuer, g.description, g.requires_second_factor, g.created_at, g.updated_at,
  (select count(*)::int from group_members m where m.group_id = g.id) as member_count`

/** What an administrator says of a group. */
export interface GroupFields {
  readonly name: string
  readonly description: string
  readonly requiresSecondFactor: boolean
}

export async function readGroup(sql: Sql, id: GroupId): Promise<GroupRow | undefined> {
  const [row] = await sql.query<GroupRow>(`select ${COLUMNS} from groups g where g.id = $1`, [id])
  return row
}

/** Held until the transaction ends. */
export async function lockGroup(tx: Sql, id: GroupId): Promise<void> {
  await tx.query('select 1 from groups where id = $1 for update', [id])
}

export async function insertGroup(
  tx: Sql,
  { id, name, description, requiresSecondFactor }: GroupFields & { readonly id: GroupId },
): Promise<GroupRow> {
  await tx.query('insert into groups (id, name, description, requires_second_factor) values ($1, $2, $3, $4)', [
    id,
    name,
    description,
    requiresSecondFactor,
  ])
  return (await readGroup(tx, id))!
}

/** Its permissions name it, and go with it. */
export async function renameGroup(
  tx: Sql,
  group: GroupRow,
  { name, description, requiresSecondFactor }: GroupFields,
): Promise<void> {
  await tx.query(
    `update groups set name = $2, description = $3, requires_second_factor = $4, updated_at = now() where id = $1`,
    [group.id, name, description, requiresSecondFactor],
  )
  if (name === group.name) return
  await tx.query(
    `update permissions set principal = $2
     where principal_kind = 'group' and principal = $1 and principal_issuer is not distinct from $3`,
    [group.name, name, group.issuer],
  )
}

/** By id, from the one after the cursor on. */
export async function readMembers(sql: Sql, id: GroupId, limit: number, cursor?: string): Promise<GroupMember[]> {
  const rows = await sql.query<{
    id: string
    email: string | null
    email_verified: boolean
    name: string | null
    added_at: Date
  }>(
    `select u.id, u.email, u.email_verified, u.name, m.added_at
     from group_members m join users u on u.id = m.user_id
     where m.group_id = $1 and ($2::text is null or m.user_id > $2) order by m.user_id limit $3`,
    [id, cursor ?? null, limit],
  )
  return rows.map((row) => ({
    id: row.id,
    email: row.email,
    emailVerified: row.email_verified,
    name: row.name,
    addedAt: row.added_at.toISOString(),
  }))
}

/** By name. @throws AppError `invalid-cursor` */
export async function readGroupPage(sql: Sql, query: GroupsQuery): Promise<Groups> {
  const { limit = 100, cursor } = query
  const search = query.search?.normalize('NFC').trim() ?? ''
  const after = cursor === undefined ? { key: null, id: '' } : readCursor(cursor)
  // One lower bound, so that the index is read from there on.
  const rows = await sql.query<GroupRow & { key: string }>(
    `select ${COLUMNS}, lower(g.name) as key from groups g
     where lower(g.name) collate "C" < lower($1) || chr(1114111)
       and (lower(g.name) collate "C", g.id) > (greatest($2::text, lower($1)) collate "C", $3)
     order by lower(g.name) collate "C", g.id limit $4`,
    [search, after.key, after.id, limit + 1],
  )
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  const nextCursor =
    rows.length > limit && last ? Buffer.from(JSON.stringify([last.key, last.id])).toString('base64url') : null
  return { groups: page.map(toSummary), nextCursor }
}

function readCursor(cursor: string): { readonly key: string; readonly id: string } {
  try {
    const [key, id, ...more] = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown[]
    if (typeof key === 'string' && typeof id === 'string' && more.length === 0 && !`${key}${id}`.includes('\0')) {
      return { key, id }
    }
  } catch {
    // Not one of ours.
  }
  throw new AppError('invalid-cursor')
}

export function toSummary(row: GroupRow): GroupSummary {
  return {
    id: row.id,
    name: row.name,
    issuer: row.issuer,
    description: row.description,
    requiresSecondFactor: row.requires_second_factor,
    memberCount: row.member_count,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  }
}
