import type { User } from '@skycrate/contract/users/schemas'
import { isId, type UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'
import { findUserView, readUserViews } from './user-view.ts'

export type Referred =
  | { readonly outcome: 'found'; readonly user: User }
  | { readonly outcome: 'unknown' }
  /** Several users have the e-mail address, or nobody vouches for the one who has it: only an id tells who is meant. */
  | { readonly outcome: 'unclear'; readonly users: readonly User[] }

/** The user with this id, or the only one with this e-mail address where it is verified. */
export async function findByReference(sql: Sql, reference: string): Promise<Referred> {
  if (isId('usr', reference)) {
    const user = await findUserView(sql, reference)
    return user ? { outcome: 'found', user } : { outcome: 'unknown' }
  }
  const rows = await sql.query<{ id: UserId }>(
    `select id from users where lower(email) = lower($1) and state <> 'deleted' order by id`,
    [reference.trim()],
  )
  const users = await readUserViews(
    sql,
    rows.map(({ id }) => id),
  )
  const [user] = users
  if (!user) return { outcome: 'unknown' }
  return users.length === 1 && user.emailVerified ? { outcome: 'found', user } : { outcome: 'unclear', users }
}
