import type { Challenge } from '@skycrate/contract/factors/schemas'
import type { UserId } from '@skycrate/core/naming/id'
import type { RequestOrigin } from '../../audit/audit-event.ts'
import { AppError } from '../../errors/app-error.ts'
import { type Account, findAccountOf } from '../account-rows.ts'
import { CHALLENGE_MS, type ChallengePurpose, passwordVersion } from './challenge-token.ts'
import type { FactorContext, Owner } from './factor-context.ts'
import { findFactors, hasSecondFactor, type HeldFactors, passkeysOf } from './factor-rows.ts'

/**
 * What a sign-in with the right password is answered with where the account has a second factor.
 * @returns undefined where it has none
 * @throws AppError `too-many-requests`
 */
export async function challengeSignIn(
  context: FactorContext,
  account: Account,
  origin: RequestOrigin,
  client?: string,
): Promise<Challenge | undefined> {
  const { database, events } = context
  const { userId, passwordHash } = account
  const held = await findFactors(database, userId)
  if (!hasSecondFactor(held)) return undefined
  await limitBegun(context, userId, origin)
  const challenge = await createChallenge(
    context,
    { purpose: 'sign-in', userId, password: passwordVersion(passwordHash), client },
    userId,
    held,
  )
  await events.allowed('auth.challenge', userId, { method: 'password' }, origin)
  return challenge
}

/** By which somebody who is signed in proves anew who they are: with a second factor where they have one. */
export async function challengeAfresh(context: FactorContext, owner: Owner): Promise<Challenge> {
  const { userId, sessionId, amr, origin } = owner
  const { database, challenges } = context
  const account = await findAccountOf(database, userId)
  const held = await findFactors(database, userId)
  const canAnswer = hasSecondFactor(held) || account?.passwordHash !== undefined
  if (sessionId === null || !canAnswer) {
    const { token } = challenges.create({ purpose: 'passkey' })
    return { challenge: 'sign-in', challenge_token: token, methods: [], expires_in: CHALLENGE_MS / 1000 }
  }
  await limitBegun(context, userId, origin)
  const password = passwordVersion(account?.passwordHash)
  return createChallenge(context, { purpose: 'fresh', userId, sessionId, amr, password }, userId, held)
}

/** For a sign-in with a passkey alone. @throws AppError `conflict` where there can be none */
export async function challengePasskey(
  { challenges, relyingParty }: FactorContext,
  client?: string,
): Promise<Challenge> {
  if (!relyingParty) throw noPasskeys()
  const { token, nonce } = challenges.create({ purpose: 'passkey', client })
  return {
    challenge: 'passkey',
    challenge_token: token,
    methods: ['passkey'],
    expires_in: CHALLENGE_MS / 1000,
    passkey: await relyingParty.requestOptions(nonce, undefined),
  }
}

export const noPasskeys = (): AppError =>
  new AppError('conflict', 'Passkeys need a host name: open SkyCrate by one, not by an address.')

async function limitBegun({ begun, events, now }: FactorContext, userId: UserId, origin: RequestOrigin): Promise<void> {
  const retryAfter = await begun.take(userId, now())
  if (retryAfter === 0) return
  await events.denied('auth.challenge', userId, 'throttled', origin)
  throw new AppError('too-many-requests', 'This account signs in too often.', { retryAfter })
}

async function createChallenge(
  { challenges, database, relyingParty }: FactorContext,
  purpose: ChallengePurpose,
  userId: UserId,
  held: HeldFactors,
): Promise<Challenge> {
  const { token, nonce } = challenges.create(purpose)
  const passkeys = relyingParty && held.passkeyIds.length > 0 ? await passkeysOf(database, userId) : []
  const methods: Challenge['methods'] = [
    ...(passkeys.length > 0 ? (['passkey'] as const) : []),
    ...(held.totpCreatedAt === undefined ? [] : (['totp'] as const)),
    ...(hasSecondFactor(held) && held.recoveryCodesLeft > 0 ? (['recovery-code'] as const) : []),
    ...(hasSecondFactor(held) ? [] : (['password'] as const)),
  ]
  const [first = 'totp'] = methods
  return {
    challenge: first === 'recovery-code' ? 'totp' : first,
    challenge_token: token,
    methods,
    expires_in: CHALLENGE_MS / 1000,
    ...(relyingParty && passkeys.length > 0 ? { passkey: await relyingParty.requestOptions(nonce, passkeys) } : {}),
  }
}
