import type { CodeSent } from '@skycrate/contract/auth/schemas'
import type { UserId } from '@skycrate/core/naming/id'
import { changeRecorded } from '../access/record-change.ts'
import type { NewAuditEvent, RequestOrigin } from '../audit/audit-event.ts'
import type { Sql } from '../db/database.ts'
import { isUniqueViolation } from '../db/database-error.ts'
import { AppError } from '../errors/app-error.ts'
import { activateUser } from '../users/activate-user.ts'
import { ACCOUNTS_ISSUER } from '../users/accounts-issuer.ts'
import { lockUser } from '../users/lock-user.ts'
import type { AccountContext } from './account-context.ts'
import { insertAccount, insertAccountOf, setPasswordHash } from './account-rows.ts'
import { findAddressOwner } from './address-owner.ts'
import { type RightCode, useMailCode } from './mail-codes.ts'
import { checkNewPassword } from './new-password.ts'
import { deleteOneTimeCodes } from './one-time-codes.ts'
import { requireAddress, requireSignUp, type SignUpPolicy } from './sign-up-policy.ts'

export interface SignUpWish {
  readonly email: string
  readonly password: string
  readonly name?: string | undefined
}

/** Which attempt a code is of: the newest, where `id` does not say. */
export interface CodeGiven {
  readonly email: string
  readonly code: string
  readonly id?: string | undefined
}

/** Built-in accounts that people open for themselves. */
export interface SignUp {
  readonly policy: SignUpPolicy
  /**
   * Nobody is created before the code that goes to the address comes back. What there is at the address changes the mail
   * alone: neither the answer nor the work before it.
   * @throws AppError `forbidden` where sign-up is closed, `invalid-request`, `too-many-requests`
   */
  start(wish: SignUpWish, origin: RequestOrigin): Promise<CodeSent>
  /** @throws AppError `forbidden`, `too-many-requests` */
  resend(of: { readonly email: string; readonly id?: string | undefined }, origin: RequestOrigin): Promise<CodeSent>
  /** @returns what to sign in with @throws AppError `invalid-mail-code`, `conflict`, `forbidden`, `too-many-requests` */
  confirm(given: CodeGiven, origin: RequestOrigin): Promise<{ readonly email: string }>
  /**
   * Whether somebody signed up with these and has not confirmed it. It is so too where the address has an account already,
   * and takes as long: whoever asks learns of their own sign-up alone.
   */
  isUnconfirmed(email: string, password: string): Promise<boolean>
}

export function createSignUp(context: AccountContext, policy: SignUpPolicy): SignUp {
  const { database, events, mailCodes, mailer, mailLimits, now, passwords, templates } = context

  return {
    policy,

    async start({ email, password, name }, origin) {
      requireSignUp(policy)
      const to = requireAddress(email, policy)
      if (name?.isWellFormed() === false) throw invalid('/name', 'is not valid Unicode')
      checkNewPassword(password, '/password', [to, name ?? null])
      const { address } = await findAddressOwner(database, to)
      await mailLimits.mail(address, origin)
      const passwordHash = await passwords.hash(password)
      const { id, expiresAt } = await changeRecorded(context, async (tx, record) => {
        const { account, preparedUserId } = await findAddressOwner(tx, to)
        const isInvited = account?.state === 'invited' || preparedUserId !== undefined
        const isReal = isInvited || (account === undefined && policy.mode === 'open')
        const issued = await mailCodes.issue(tx, {
          kind: 'sign-up',
          email: to,
          address,
          isReal,
          name: name ?? null,
          passwordHash,
        })
        // Whoever has an account hears of it at their own address; nobody else does.
        const text = isReal ? templates.signUpCode(issued.code) : templates.accountExists()
        await mailer.send(tx, { to: isReal || account ? to : null, expiresAt: issued.expiresAt, ...text })
        await record(signUpEvent('auth.sign-up', null, to, origin))
        return issued
      })
      return { id, expiresAt: expiresAt.toISOString() }
    },

    async resend({ email, id: wanted }, origin) {
      requireSignUp(policy)
      const to = requireAddress(email, policy)
      const { address } = await findAddressOwner(database, to)
      await mailLimits.mail(address, origin)
      const { id, expiresAt } = await changeRecorded(context, async (tx, record) => {
        const renewed = await mailCodes.renew(tx, 'sign-up', { address, id: wanted })
        const issued = renewed ?? (await mailCodes.issue(tx, { kind: 'sign-up', email: to, address, isReal: false }))
        // To the address that was signed up: another spelling may be another mailbox.
        const receiver = renewed?.isReal ? requireAddress(renewed.email, policy) : null
        await mailer.send(tx, { to: receiver, expiresAt: issued.expiresAt, ...templates.signUpCode(issued.code) })
        await record(signUpEvent('auth.resend-code', null, to, origin))
        return issued
      })
      return { id, expiresAt: expiresAt.toISOString() }
    },

    async confirm({ email, code, id }, origin) {
      requireSignUp(policy)
      const { address } = await findAddressOwner(database, email.includes('\0') ? '' : email.trim())
      const wasRight = await mailLimits.guess(address, origin)
      const right = await mailCodes.check(database, 'sign-up', { address, id }, code)
      if (!right) {
        await events.denied('auth.confirm', null, 'wrong-code', origin)
        throw new AppError('invalid-mail-code')
      }
      await wasRight()
      try {
        await changeRecorded(context, (tx, record) => create(tx, record, right, address, origin))
      } catch (error) {
        if (!isUniqueViolation(error)) throw error
        throw hasAccount()
      }
      return { email: right.email }
    },

    async isUnconfirmed(email, password) {
      if (policy.mode === 'closed') return false
      const { address } = await findAddressOwner(database, email.includes('\0') ? '' : email.trim())
      return passwords.verify(await mailCodes.passwordHashOf(database, address), password)
    },
  }

  /** The code proves that the address is theirs: whom an administrator invited there is who signs up. */
  async function create(
    tx: Sql,
    record: (event: NewAuditEvent) => Promise<void>,
    { id, email, name, passwordHash }: RightCode,
    address: string,
    origin: RequestOrigin,
  ): Promise<void> {
    if (!(await useMailCode(tx, 'sign-up', address, id))) throw new AppError('invalid-mail-code')
    const { account, preparedUserId } = await findAddressOwner(tx, email)
    const invitedId = account?.userId ?? preparedUserId
    if (invitedId === undefined) {
      if (policy.mode !== 'open') throw new AppError('invalid-mail-code')
      const userId = await insertAccount(tx, { email, name, isAdmin: false, passwordHash: passwordHash! }, now())
      return record(signUpEvent('user.create', userId, email, origin))
    }
    await lockUser(tx, invitedId)
    const [still] = await tx.query(`select 1 from users where id = $1 and state = 'invited'`, [invitedId])
    if (!still) throw hasAccount()
    if (!account) {
      await tx.query('insert into identities (issuer, subject, user_id) values ($1, $2, $2)', [
        ACCOUNTS_ISSUER,
        invitedId,
      ])
      await insertAccountOf(tx, invitedId, email)
      await tx.query('delete from prepared_identities where user_id = $1', [invitedId])
    }
    await setPasswordHash(tx, invitedId, passwordHash!)
    await deleteOneTimeCodes(tx, invitedId)
    await activateUser(tx, invitedId, name ?? undefined)
    await record(signUpEvent('user.update', invitedId, email, origin))
  }
}

const hasAccount = (): AppError =>
  new AppError('conflict', 'There is an account with this e-mail address already. Sign in, or reset the password.')

const invalid = (path: string, message: string): AppError =>
  new AppError('invalid-request', undefined, { errors: [{ path, message }] })

function signUpEvent(
  action: 'auth.sign-up' | 'auth.resend-code' | 'user.create' | 'user.update',
  userId: UserId | null,
  email: string,
  origin: RequestOrigin,
): NewAuditEvent {
  const detail = userId === null ? { email } : { email, changed: { state: 'active' } }
  const event = { action, outcome: 'allow', userId, bucket: null, key: null, reason: null, detail, origin } as const
  return userId === null ? event : { ...event, targetUserId: userId }
}
