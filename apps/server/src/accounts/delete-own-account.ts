import type { UserId } from '@skycrate/core/naming/id'
import { changeRecorded } from '../access/record-change.ts'
import type { RequestOrigin } from '../audit/audit-event.ts'
import { AppError } from '../errors/app-error.ts'
import { parseMailAddress } from '../mail/mail-address.ts'
import { lockAdministrators, requireAnotherAdministrator } from '../users/last-administrator.ts'
import type { AccountContext } from './account-context.ts'
import { findAccountOf, lockAccountOf } from './account-rows.ts'
import { guardedAs } from './check-password.ts'
import { requireWellFormed } from './new-password.ts'
import { endSessionsOf, hasSignedInFrom } from './sessions.ts'

/** Of the mail that tells of it. */
const MAIL_LASTS_MS = 7 * 24 * 60 * 60_000

/**
 * Ends every session, and has the account deleted after the days of grace. Whoever signs in before keeps it.
 * @param password null where the user has just proven who they are
 * @returns when it is deleted
 * @throws AppError `invalid-credentials`, `conflict` without a built-in account, `last-administrator`, `too-many-requests`
 */
export async function deleteOwnAccount(
  context: AccountContext,
  userId: UserId,
  password: string | null,
  origin: RequestOrigin,
): Promise<Date> {
  const { database, events, guard, passwords, graceDays, mailer, now, sessionsEnded, settled, templates } = context
  if (password !== null) requireWellFormed(password, '/password')
  const account = await findAccountOf(database, userId)
  if (account?.passwordHash === undefined) {
    throw new AppError('conflict', 'You have no password here. Ask an administrator to delete your account.')
  }
  const { passwordHash } = account
  const isRight =
    password === null ||
    (await guard
      .check({
        account: guardedAs(userId),
        ip: origin.ip,
        isFamiliar: (address) => hasSignedInFrom(database, userId, address),
        verify: () => passwords.verify(passwordHash, password),
      })
      .catch((error: unknown) => events.throttled('auth.change-password', userId, error, origin)))
  if (!isRight) {
    await events.denied('auth.delete-account', userId, 'wrong-password', origin)
    throw new AppError('invalid-credentials', 'The password is wrong.')
  }
  const deleteAt = new Date(now() + graceDays * 24 * 60 * 60_000)
  await changeRecorded(context, async (tx, record) => {
    await lockAdministrators(tx)
    const locked = await lockAccountOf(tx, userId)
    if (locked?.passwordHash !== passwordHash) throw new AppError('invalid-credentials', 'The password is wrong.')
    const [user] = await tx.query<{ is_admin: boolean }>('select is_admin from users where id = $1', [userId])
    if (user!.is_admin) await requireAnotherAdministrator(tx, userId)
    await tx.query('update users set delete_at = $2, updated_at = now() where id = $1', [
      userId,
      deleteAt.toISOString(),
    ])
    await endSessionsOf(tx, userId)
    const to = parseMailAddress(locked.email)
    if (to !== undefined) {
      const expiresAt = new Date(now() + MAIL_LASTS_MS)
      await mailer.send(tx, { to, expiresAt, ...templates.accountDeletion(deleteAt) })
    }
    await record({
      action: 'auth.delete-account',
      outcome: 'allow',
      userId,
      targetUserId: userId,
      bucket: null,
      key: null,
      reason: null,
      detail: { email: locked.email, changed: { deleteAt: deleteAt.toISOString() } },
      origin,
    })
  })
  sessionsEnded(userId)
  await settled()
  return deleteAt
}
