import type { Accounts } from '../../accounts/accounts.ts'
import type { HandlersOf } from '../route.ts'

export function authHandlers(accounts: Accounts): HandlersOf<'login' | 'refresh' | 'logout' | 'changePassword' | 'me'> {
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
      groups: [...who.groups],
      issuer: who.issuer,
      createdAt: who.createdAt.toISOString(),
    }),
  }
}
