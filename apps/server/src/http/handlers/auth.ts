import type { Me } from '@skycrate/contract/auth/schemas'
import type { Accounts } from '../../accounts/accounts.ts'
import { minimumLength } from '../../accounts/new-password.ts'
import type { Sql } from '../../db/database.ts'
import { AppError } from '../../errors/app-error.ts'
import type { SignedIn } from '../../identity/authenticator.ts'
import { withOwnGroups } from '../../users/groups-of-user.ts'
import type { Users } from '../../users/users.ts'
import type { HandlersOf } from '../route.ts'

export function authHandlers(
  accounts: Accounts,
  users: Users,
  database: Sql,
  guests: boolean,
): HandlersOf<
  | 'login'
  | 'refresh'
  | 'changePassword'
  | 'me'
  | 'updateMe'
  | 'acceptInvitation'
  | 'resetPassword'
  | 'deleteAccount'
  | 'signUpOptions'
  | 'signUp'
  | 'confirmSignUp'
  | 'resendCode'
  | 'forgotPassword'
> {
  return {
    login: ({ body, origin }) => accounts.login(body.email, body.password, origin),
    refresh: ({ body, origin }) => accounts.refresh(body.refresh_token, origin),
    changePassword: ({ who, body, origin }) =>
      accounts.changePassword(who.userId, body.currentPassword, body.newPassword, origin),
    me: ({ who }) => meOf(database, who),
    updateMe: async ({ who, body, origin }) => {
      await users.rename(body.name, { userId: who.userId, origin })
      return meOf(database, { ...who, name: body.name })
    },
    acceptInvitation: async ({ body, origin }) => {
      const { email } = await accounts.links.use('invitation', body, origin)
      return { email }
    },
    resetPassword: async ({ body, origin }) => {
      const { token, email, code, id, password } = body
      if (token !== undefined && email === undefined && code === undefined) {
        const used = await accounts.links.use('reset-password', { token, password }, origin)
        return { email: used.email }
      }
      if (token !== undefined || email === undefined || code === undefined) {
        const message = 'needs either token, or email and code'
        throw new AppError('invalid-request', undefined, { errors: [{ path: '', message }] })
      }
      return accounts.resetPassword({ email, code, id, password }, origin)
    },
    deleteAccount: async ({ who, body, origin }) => {
      const deleteAt = await accounts.deleteOwn(who.userId, body.password, origin)
      return { deleteAt: deleteAt.toISOString() }
    },
    signUpOptions: () => {
      const { mode, domains } = accounts.signUp.policy
      return Promise.resolve({ mode, domains: [...domains], passwordMinLength: minimumLength(false), guests })
    },
    signUp: ({ body, origin }) => accounts.signUp.start(body, origin),
    confirmSignUp: ({ body, origin }) => accounts.signUp.confirm(body, origin),
    resendCode: ({ body, origin }) => accounts.signUp.resend(body, origin),
    forgotPassword: ({ body, origin }) => accounts.forgotPassword(body.email, origin),
  }
}

async function meOf(sql: Sql, who: SignedIn): Promise<Me> {
  const caller = await withOwnGroups(sql, who)
  const groups = 'guest' in caller ? [] : caller.groups
  return {
    id: who.userId,
    email: who.email,
    emailVerified: who.emailVerified,
    name: who.name,
    isAdmin: who.isAdmin,
    // A name of two groups stands there once.
    groups: [...new Set(groups.map(({ name }) => name))],
    memberOf: groups.map(({ name, issuer }) => ({ name, issuer })),
    issuer: who.issuer,
    needsSecondFactor: who.lacksSecondFactor,
    createdAt: who.createdAt.toISOString(),
  }
}
