import type {
  Factors as FactorsView,
  NewPasskey,
  NewTotp,
  Passkey,
  PasskeyCreation,
  RecoveryCodes,
} from '@skycrate/contract/factors/schemas'
import type { AuditActionOf, AuditDetails } from '@skycrate/contract/audit-actions'
import { changeRecorded } from '../../access/record-change.ts'
import type { NewAuditEvent } from '../../audit/audit-event.ts'
import type { Sql } from '../../db/database.ts'
import { AppError } from '../../errors/app-error.ts'
import type { FactorChange } from '../../mail/templates.ts'
import { requiresSecondFactor } from '../../users/requires-second-factor.ts'
import { findUser } from '../../users/find-user.ts'
import { lockUser } from '../../users/lock-user.ts'
import { type Account, findAccountOf } from '../account-rows.ts'
import { strengthenSession } from '../sessions.ts'
import { combineAmr } from './amr.ts'
import { noPasskeys } from './begin-challenge.ts'
import { useChallenge } from './challenge-token.ts'
import type { FactorContext, Owner } from './factor-context.ts'
import {
  confirmTotp,
  deleteCredential,
  deletePasskey,
  findFactors,
  findTotp,
  hasSecondFactor,
  insertPasskey,
  passkeysOf,
  renamePasskey,
  setNewTotp,
  setRecoveryCodes,
  viewOf,
} from './factor-rows.ts'
import { mailFactorChange } from './mail-change.ts'
import { hashRecoveryCode, newRecoveryCodes } from './recovery-codes.ts'
import { newTotpSecret, totpStepOf, totpUri } from './totp.ts'

/** Passkeys of one user. */
const MAX_PASSKEYS = 20

export async function listFactors({ database, relyingParty }: FactorContext, owner: Owner): Promise<FactorsView> {
  const { userId } = owner
  const held = await findFactors(database, userId)
  const passkeys = await passkeysOf(database, userId)
  const hasAccount = (await findAccountOf(database, userId)) !== undefined
  return {
    totp: held.totpCreatedAt === undefined ? null : { createdAt: held.totpCreatedAt.toISOString() },
    passkeys: passkeys.map(viewOf),
    recoveryCodes: { left: held.recoveryCodesLeft },
    required: await requiresSecondFactor(database, userId),
    available: { totp: hasAccount, passkeys: hasAccount && relyingParty !== undefined },
  }
}

/** A secret that counts once its first code has come. @throws AppError `conflict` */
export async function startTotp(context: FactorContext, { userId }: Owner): Promise<NewTotp> {
  const { database, publicUrl, sealing } = context
  const { email } = await requireAccount(database, userId)
  const secret = newTotpSecret()
  await setNewTotp(database, userId, sealing.seal(userId, secret).toString('base64url'))
  return { secret, uri: totpUri(secret, new URL(publicUrl).host, email) }
}

/** @throws AppError `invalid-code`, `conflict`, `too-many-requests` */
export async function enrolTotp(context: FactorContext, owner: Owner, code: string): Promise<void> {
  const { codes, database, now, sealing } = context
  const { userId } = owner
  await codes.attempt('new-totp', userId, async () => {
    const sealed = await findTotp(database, userId, 'new-totp')
    const secret = sealed === undefined ? undefined : sealing.open(userId, Buffer.from(sealed, 'base64url'))
    if (sealed === undefined || secret === undefined) throw beginAgain()
    const step = totpStepOf(secret, code, now())
    if (step === undefined) {
      throw new AppError('invalid-code', "Enter the code that is shown now, and check the phone's clock.")
    }
    await changed(context, owner, 'factor.create', async (tx) => {
      if (!(await confirmTotp(tx, userId, sealed, step))) throw beginAgain()
      await prove(tx, owner, ['otp'])
      return [undefined, { kind: 'totp' }]
    })
  })
}

/** @throws AppError `not-found` */
export async function deleteTotp(context: FactorContext, owner: Owner): Promise<void> {
  await changed(context, owner, 'factor.delete', async (tx) => {
    if (!(await deleteCredential(tx, owner.userId, 'totp'))) throw new AppError('not-found')
    await deleteUselessCodes(tx, owner)
    return [undefined, { kind: 'totp' }]
  })
}

/** @throws AppError `conflict` without a factor that they could stand in for */
export async function createRecoveryCodes(context: FactorContext, owner: Owner): Promise<RecoveryCodes> {
  const recoveryCodes = newRecoveryCodes()
  await changed(context, owner, 'factor.create', async (tx) => {
    if (!hasSecondFactor(await findFactors(tx, owner.userId))) {
      throw new AppError('conflict', 'Set up an authenticator app or a passkey first.')
    }
    await setRecoveryCodes(tx, owner.userId, recoveryCodes.map(hashRecoveryCode))
    return [undefined, { kind: 'recovery-codes' }]
  })
  return { recoveryCodes }
}

/** @throws AppError `conflict` */
export async function startPasskey(context: FactorContext, { userId }: Owner): Promise<NewPasskey> {
  const { challenges, database, relyingParty } = context
  const { email } = await requireAccount(database, userId)
  if (!relyingParty) throw noPasskeys()
  const existing = await passkeysOf(database, userId)
  requireRoom(existing.length)
  const user = await findUser(database, userId)
  const { token, nonce } = challenges.create({ purpose: 'create-passkey', userId })
  const options = await relyingParty.creationOptions(
    nonce,
    { id: userId, name: email, displayName: user?.name ?? email },
    existing,
  )
  return { challenge_token: token, options }
}

/** @throws AppError `invalid-request`, `conflict` */
export async function createPasskey(context: FactorContext, owner: Owner, given: PasskeyCreation): Promise<Passkey> {
  const { challenges, relyingParty } = context
  const { userId } = owner
  const challenge = challenges.read(given.challenge_token)
  if (challenge?.purpose !== 'create-passkey' || challenge.userId !== userId) throw beginAgain()
  const name = (given.name ?? 'Passkey').trim().normalize('NFC')
  if (name === '' || !name.isWellFormed()) throw mistake('/name', 'is no name')
  const { isVerified, ...created } = (await relyingParty?.verifyCreation(given.passkey, challenge.nonce)) ?? {
    isVerified: undefined,
  }
  if (isVerified === undefined || !('id' in created)) throw mistake('/passkey', 'is no answer to this challenge')
  return changed(context, owner, 'factor.create', async (tx) => {
    if (!(await useChallenge(tx, challenge))) throw beginAgain()
    requireRoom((await passkeysOf(tx, userId)).length)
    const passkey = await insertPasskey(tx, { ...created, userId, name })
    if (!passkey) throw new AppError('conflict', 'This passkey exists already.')
    await prove(tx, owner, [created.singleDevice ? 'hwk' : 'swk', ...(isVerified ? ['user'] : [])])
    return [viewOf(passkey), { kind: 'passkey', name }]
  })
}

/** @throws AppError `not-found`, `invalid-request` */
export async function changePasskey(context: FactorContext, owner: Owner, id: string, name: string): Promise<Passkey> {
  const text = name.trim().normalize('NFC')
  if (text === '' || !text.isWellFormed()) throw mistake('/name', 'is no name')
  if (id.includes('\0')) throw new AppError('not-found')
  return changed(context, owner, 'factor.update', async (tx) => {
    const passkey = await renamePasskey(tx, owner.userId, id, text)
    if (!passkey) throw new AppError('not-found')
    return [viewOf(passkey), { kind: 'passkey', name: text }]
  })
}

/** @throws AppError `not-found` */
export async function forgetPasskey(context: FactorContext, owner: Owner, id: string): Promise<void> {
  if (id.includes('\0')) throw new AppError('not-found')
  await changed(context, owner, 'factor.delete', async (tx) => {
    const passkey = await deletePasskey(tx, owner.userId, id)
    if (!passkey) throw new AppError('not-found')
    await deleteUselessCodes(tx, owner)
    return [undefined, { kind: 'passkey', name: passkey.name }]
  })
}

/** A change of the person's factors, under the user's lock and recorded. Every process looks at their tokens again. */
async function changed<T>(
  context: FactorContext,
  { userId, origin }: Owner,
  action: AuditActionOf<'factor'>,
  work: (tx: Sql) => Promise<readonly [T, AuditDetails['factor']]>,
): Promise<T> {
  const { sessionsEnded, settled } = context
  const result = await changeRecorded(context, async (tx, record) => {
    await lockUser(tx, userId)
    const [value, detail] = await work(tx)
    const event: NewAuditEvent = {
      action,
      outcome: 'allow',
      userId,
      targetUserId: userId,
      bucket: null,
      key: null,
      reason: null,
      detail,
      origin,
    }
    await record(event)
    if (action !== 'factor.update') await mailFactorChange(context, tx, userId, changeOf(action, detail))
    await tx.query(`select pg_notify('skycrate_users', $1)`, [userId])
    return value
  })
  sessionsEnded(userId)
  await settled()
  return result
}

function changeOf(action: AuditActionOf<'factor'>, { kind = 'totp' }: AuditDetails['factor']): FactorChange {
  if (kind === 'recovery-codes') return 'created recovery-codes'
  return `${action === 'factor.create' ? 'created' : 'deleted'} ${kind}`
}

/** Whoever sets up a factor has it: this session needs no other proof. */
async function prove(tx: Sql, { sessionId, amr }: Owner, more: readonly string[]): Promise<void> {
  if (sessionId !== null) await strengthenSession(tx, sessionId, combineAmr(amr, more))
}

async function deleteUselessCodes(tx: Sql, { userId }: Owner): Promise<void> {
  if (!hasSecondFactor(await findFactors(tx, userId))) await deleteCredential(tx, userId, 'recovery-codes')
}

async function requireAccount(sql: Sql, userId: Owner['userId']): Promise<Account> {
  const account = await findAccountOf(sql, userId)
  if (account) return account
  throw new AppError('conflict', 'You sign in through an issuer. Set up second factors there.')
}

function requireRoom(count: number): void {
  if (count >= MAX_PASSKEYS) throw new AppError('conflict', `You have ${MAX_PASSKEYS} passkeys. Delete one first.`)
}

const beginAgain = (): AppError => new AppError('conflict', 'This took too long or was completed already. Begin again.')

const mistake = (path: string, message: string): AppError =>
  new AppError('invalid-request', undefined, { errors: [{ path, message }] })
