import type { CodeSent } from '@skycrate/contract/auth/schemas'
import { changeRecorded } from '../access/record-change.ts'
import type { RequestOrigin } from '../audit/audit-event.ts'
import { AppError } from '../errors/app-error.ts'
import { parseMailAddress } from '../mail/mail-address.ts'
import { findUser } from '../users/find-user.ts'
import { lockUser } from '../users/lock-user.ts'
import type { AccountContext } from './account-context.ts'
import { setPasswordHash } from './account-rows.ts'
import { findAddressOwner } from './address-owner.ts'
import { findFactors, hasSecondFactor } from './factors/factor-rows.ts'
import { useMailCode } from './mail-codes.ts'
import { checkNewPassword } from './new-password.ts'
import { endSessionsOf } from './sessions.ts'
import type { CodeGiven } from './sign-up.ts'

/** A code goes to whoever has an account with this address; the answer is the same for all. */
export async function forgotPassword(context: AccountContext, email: string, origin: RequestOrigin): Promise<CodeSent> {
  const { database, mailCodes, mailer, mailLimits, templates } = context
  const asked = parseMailAddress(email)
  if (asked === undefined) {
    throw new AppError('invalid-request', undefined, { errors: [{ path: '/email', message: 'is no e-mail address' }] })
  }
  const { address } = await findAddressOwner(database, asked)
  await mailLimits.mail(address, origin)
  const { id, expiresAt } = await changeRecorded(context, async (tx, record) => {
    const { account } = await findAddressOwner(tx, asked)
    // To the account's own spelling: the one that was asked for may be another mailbox.
    const to = account?.state === 'active' ? (parseMailAddress(account.email) ?? null) : null
    const isReal = to !== null
    const userId = isReal ? account?.userId : undefined
    const issued = await mailCodes.issue(tx, { kind: 'reset-password', email: asked, address, isReal, userId })
    await mailer.send(tx, { to, expiresAt: issued.expiresAt, ...templates.resetCode(issued.code) })
    await record({
      action: 'auth.forgot-password',
      outcome: 'allow',
      userId: null,
      targetUserId: userId ?? null,
      bucket: null,
      key: null,
      reason: null,
      detail: { email: asked },
      origin,
    })
    return issued
  })
  return { id, expiresAt: expiresAt.toISOString() }
}

/** Sets the password and ends every session. A second factor stays as it is. */
export async function resetPasswordByCode(
  context: AccountContext,
  given: CodeGiven & { readonly password: string },
  origin: RequestOrigin,
): Promise<{ readonly email: string }> {
  const { database, events, mailCodes, mailLimits, passwords, sessionsEnded, settled } = context
  const { email, code, id, password } = given
  // Before a try is spent: as much as can be told without knowing whose it is.
  checkNewPassword(password, '/password', [email], true)
  const { address } = await findAddressOwner(database, email.includes('\0') ? '' : email.trim())
  const wasRight = await mailLimits.guess(address, origin)
  const right = await mailCodes.check(database, 'reset-password', { address, id }, code)
  if (!right?.userId) {
    await events.denied('auth.reset-password', null, 'wrong-code', origin)
    throw new AppError('invalid-mail-code')
  }
  await wasRight()
  const { userId } = right
  const about = await findUser(database, userId)
  const names = [about?.email ?? null, about?.name ?? null]
  checkNewPassword(password, '/password', names, hasSecondFactor(await findFactors(database, userId)))
  const hash = await passwords.hash(password)
  const signInEmail = await changeRecorded(context, async (tx, record) => {
    await lockUser(tx, userId)
    if (!(await useMailCode(tx, 'reset-password', address, right.id))) throw new AppError('invalid-mail-code')
    const [account] = await tx.query<{ email: string }>(
      `select a.email from accounts a join users u on u.id = a.user_id where u.id = $1 and u.state = 'active'`,
      [userId],
    )
    if (!account) throw new AppError('account-suspended', 'Ask an administrator.')
    await setPasswordHash(tx, userId, hash)
    await endSessionsOf(tx, userId)
    await record({
      action: 'auth.reset-password',
      outcome: 'allow',
      userId,
      targetUserId: userId,
      bucket: null,
      key: null,
      reason: null,
      detail: { method: 'code' },
      origin,
    })
    return account.email
  })
  sessionsEnded(userId)
  await settled()
  return { email: signInEmail }
}
