import type { User as UserView } from '@skycrate/contract/users/schemas'
import type { UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'
import type { UserState } from './user.ts'

interface ViewRow {
  id: UserId
  email: string | null
  email_verified: boolean
  email_issuer: string | null
  name: string | null
  is_admin: boolean
  state: UserState
  created_at: Date
  updated_at: Date
  last_sign_in_at: Date | null
  groups: string[]
  claim_groups: { name: string; issuer: string }[]
  identities: { issuer: string; subject: string }[]
  is_prepared: boolean
  prepared_issuer: string | null
  directory: { id: string; name: string } | null
  has_password: boolean
  has_home: boolean
}

const VIEW = `select u.id, u.email, u.email_verified, u.email_issuer, u.name, u.is_admin, u.state, u.created_at,
    u.updated_at, u.last_sign_in_at,
    array(select g.name from group_members m join groups g on g.id = m.group_id
      where m.user_id = u.id and g.issuer is null order by g.name) as groups,
    (select coalesce(json_agg(json_build_object('name', g.name, 'issuer', g.issuer) order by g.issuer, g.name), '[]')
      from group_members m join groups g on g.id = m.group_id
      where m.user_id = u.id and g.issuer is not null) as claim_groups,
    (select coalesce(json_agg(json_build_object('issuer', i.issuer, 'subject', i.subject)
      order by i.created_at, i.issuer, i.subject), '[]') from identities i where i.user_id = u.id) as identities,
    (select json_build_object('id', d.id, 'name', d.name) from directory_users du join directories d on d.id = du.directory_id
      where du.user_id = u.id and du.deleted_at is null) as directory,
    p.user_id is not null as is_prepared, p.issuer as prepared_issuer,
    exists(select 1 from credentials c where c.user_id = u.id and c.kind = 'password') as has_password,
    exists(select 1 from homes h where h.user_id = u.id) as has_home
  from users u left join prepared_identities p on p.user_id = u.id`

/** @returns undefined also for a deleted user, of whom only the audit log knows */
export async function findUserView(sql: Sql, id: UserId): Promise<UserView | undefined> {
  const [row] = await sql.query<ViewRow>(`${VIEW} where u.id = $1 and u.state <> 'deleted'`, [id], 'user-view')
  return row && toView(row)
}

/** In the order of the ids. */
export async function readUserViews(sql: Sql, ids: readonly UserId[]): Promise<UserView[]> {
  const rows = await sql.query<ViewRow>(`${VIEW} where u.id = any($1::text[])`, [ids], 'user-views')
  const byId = new Map(rows.map((row) => [row.id, row]))
  return ids.flatMap((id) => {
    const row = byId.get(id)
    return row ? [toView(row)] : []
  })
}

function toView(row: ViewRow): UserView {
  return {
    id: row.id,
    email: row.email,
    emailVerified: row.email_verified,
    emailIssuer: row.email_issuer,
    name: row.name,
    isAdmin: row.is_admin,
    // Deleted users are in no view.
    state: row.state as Exclude<UserState, 'deleted'>,
    groups: row.groups,
    claimGroups: row.claim_groups,
    identities: row.identities,
    issuer: row.identities[0]?.issuer ?? null,
    ...(row.is_prepared ? { prepared: { issuer: row.prepared_issuer } } : {}),
    ...(row.directory ? { directory: row.directory } : {}),
    hasPassword: row.has_password,
    hasHome: row.has_home,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    lastSignInAt: row.last_sign_in_at?.toISOString() ?? null,
  }
}
