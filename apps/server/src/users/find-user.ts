import type { UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'
import { toUser, type User, USER_COLUMNS, type UserRow } from './user.ts'

export async function findUser(sql: Sql, id: UserId): Promise<User | undefined> {
  const [row] = await sql.query<UserRow>(`select ${USER_COLUMNS} from users u where u.id = $1`, [id], 'user-by-id')
  return row && toUser(row)
}
