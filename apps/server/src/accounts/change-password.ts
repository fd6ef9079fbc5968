import type { UserId } from '@skycrate/core/naming/id'
import type { RequestOrigin } from '../audit/audit-event.ts'
import { AppError } from '../errors/app-error.ts'
import type { AccountContext } from './account-context.ts'
import { type Account, findAccountOf, replacePasswordHash } from './account-rows.ts'
import { guardedAs } from './check-password.ts'
import { findFactors, hasSecondFactor } from './factors/factor-rows.ts'
import { checkNewPassword, requireWellFormed } from './new-password.ts'
import { endSessionsOf, hasSignedInFrom } from './sessions.ts'

/** Sets another password and ends every session. */
export async function changePassword(
  context: AccountContext,
  userId: UserId,
  { current, next }: { readonly current: string; readonly next: string },
  origin: RequestOrigin,
): Promise<void> {
  const { database, events, guard, passwords, sessionsEnded, settled } = context
  requireWellFormed(current, '/currentPassword')
  const account = await findAccountOf(database, userId)
  checkNewPassword(next, '/newPassword', [account?.email ?? null], hasSecondFactor(await findFactors(database, userId)))
  const isRight = await guard
    .check({
      account: guardedAs(userId),
      ip: origin.ip,
      isFamiliar: (address) => hasSignedInFrom(database, userId, address),
      verify: () => passwords.verify(account?.passwordHash, current),
    })
    .catch((error: unknown) => events.throttled('auth.change-password', userId, error, origin))
  const isChanged = account !== undefined && isRight && (await replacePassword(context, account, next, origin))
  if (!isChanged) {
    await events.denied('auth.change-password', userId, account ? 'wrong-password' : 'no-account', origin)
    throw new AppError('invalid-credentials', 'The current password is wrong.')
  }
  sessionsEnded(userId)
  await settled()
}

/** @returns whether the password was still the one that was checked */
async function replacePassword(
  { database, events, passwords }: AccountContext,
  account: Account,
  next: string,
  origin: RequestOrigin,
): Promise<boolean> {
  const { userId, passwordHash: before } = account
  if (before === undefined) return false
  const passwordHash = await passwords.hash(next)
  return database.transaction(async (tx) => {
    if (!(await replacePasswordHash(tx, userId, before, passwordHash))) return false
    await endSessionsOf(tx, userId)
    await events.allowed('auth.change-password', userId, {}, origin)
    return true
  })
}
