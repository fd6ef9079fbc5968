import type { UserId } from '@skycrate/core/naming/id'
import type { RequestOrigin } from '../audit/audit-event.ts'
import { AppError } from '../errors/app-error.ts'
import type { AccountContext } from './account-context.ts'
import type { SessionOpener } from './open-session.ts'
import { type Account, findAccountByEmail, replacePasswordHash } from './account-rows.ts'
import { requireWellFormed } from './new-password.ts'
import { hasSignedInFrom } from './sessions.ts'

/** `user:` and `name:` keep an e-mail that reads like a user's id from counting for that user. */
export const guardedAs = (userId: UserId): string => `user:${userId}`

async function findAccount(
  { database }: AccountContext,
  email: string,
): Promise<{ readonly name: string; readonly account: Account | undefined }> {
  // PostgreSQL's text takes no U+0000.
  if (email.includes('\0')) return { name: `name:${email}`, account: undefined }
  const { name, account } = await findAccountByEmail(database, email.trim())
  return { name: account ? guardedAs(account.userId) : `name:${name}`, account }
}

/**
 * Whose e-mail address and password these are. A refusal is in the audit log.
 * @throws AppError `invalid-request`, `invalid-credentials`, `too-many-requests`
 */
export async function checkPassword(
  context: AccountContext & { readonly sessions: Pick<SessionOpener, 'wait'> },
  email: string,
  password: string,
  origin: RequestOrigin,
): Promise<Account> {
  const { database, events, guard, passwords } = context
  requireWellFormed(password, '/password')
  const { name, account } = await findAccount(context, email)
  // Whoever signs in too often by the right password is not worth the work of checking it. Asked without an account too, or
  // the time of a refusal would tell that there is one.
  const retryAfter = await context.sessions.wait(account?.userId ?? ('usr_' as UserId))
  if (retryAfter > 0) {
    await events.denied('auth.login', account?.userId ?? null, 'throttled', origin)
    throw new AppError('too-many-requests', 'This account signs in too often.', { retryAfter })
  }
  const isRight = await guard
    .check({
      account: name,
      ip: origin.ip,
      isFamiliar: (address) => hasSignedInFrom(database, account?.userId ?? 'usr_', address),
      verify: () => passwords.verify(account?.passwordHash, password),
    })
    .catch((error: unknown) => events.throttled('auth.login', account?.userId ?? null, error, origin))
  if (account && isRight) return withCurrentHash(context, account, password)
  // One answer for a wrong password and an unknown e-mail, in the same time.
  const reason = account ? 'wrong-password' : 'unknown-email'
  await events.denied('auth.login', account?.userId ?? null, reason, origin)
  throw new AppError('invalid-credentials')
}

/** An imported hash, or one of older parameters, gives way to a new one while the password is at hand. */
async function withCurrentHash(
  { database, passwords, logger }: AccountContext,
  account: Account,
  password: string,
): Promise<Account> {
  const { userId, passwordHash: before } = account
  if (before === undefined || !passwords.isOutdated(before)) return account
  try {
    const passwordHash = await passwords.hash(password)
    const isReplaced = await database.transaction((tx) => replacePasswordHash(tx, userId, before, passwordHash))
    return isReplaced ? { ...account, passwordHash } : account
  } catch (error) {
    // The next sign-in tries again.
    logger.warn({ err: error, userId }, 'could not replace an outdated password hash')
    return account
  }
}
