import type { UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'
import type { IdClaims } from './tokens.ts'

/** Groups in an ID token: more would make it longer than what headers and cookies take. */
const MAX_GROUPS = 100

interface Row {
  email: string | null
  email_verified: boolean
  name: string | null
  groups: string[]
}

/** What an ID token says of a user: SkyCrate's own groups, and the e-mail address with whether it is verified. */
export async function readIdClaims(sql: Sql, userId: UserId): Promise<IdClaims> {
  const [row] = await sql.query<Row>(
    `select u.email, u.email_verified, u.name, array(
       select g.name from group_members m join groups g on g.id = m.group_id
       where m.user_id = u.id and g.issuer is null order by g.name limit $2) as groups
     from users u where u.id = $1`,
    [userId, MAX_GROUPS + 1],
    'id-claims',
  )
  const { email = null, email_verified: emailVerified = false, name = null, groups = [] } = row ?? {}
  return { email, emailVerified, name, groups: groups.length > MAX_GROUPS ? undefined : groups }
}
