import type { Caller } from '@skycrate/core/access/permission'
import type { Accounts } from '../../accounts/accounts.ts'
import type { Sql } from '../../db/database.ts'
import { withOwnGroups } from '../../users/groups-of-user.ts'
import type { HandlersOf } from '../route.ts'

export function authHandlers(
  accounts: Accounts,
  database: Sql,
): HandlersOf<'login' | 'refresh' | 'logout' | 'changePassword' | 'me'> {
  return {
    login: ({ body, origin }) => accounts.login(body.email, body.password, origin),
    refresh: ({ body, origin }) => accounts.refresh(body.refresh_token, origin),
    logout: ({ body, origin }) => accounts.logout(body.refresh_token, origin),
    changePassword: ({ who, body, origin }) =>
      accounts.changePassword(who.userId, body.currentPassword, body.newPassword, origin),
    me: async ({ who }) => ({
      id: who.userId,
      email: who.email,
      name: who.name,
      isAdmin: who.isAdmin,
      emailVerified: who.emailVerified,
      groups: await groupNames(database, who),
      issuer: who.issuer,
      createdAt: who.createdAt.toISOString(),
    }),
  }
}

/** A name of two groups stands there once. */
async function groupNames(sql: Sql, who: Caller): Promise<string[]> {
  const caller = await withOwnGroups(sql, who)
  return 'guest' in caller ? [] : [...new Set(caller.groups.map(({ name }) => name))]
}
