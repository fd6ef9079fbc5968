import type { Tokens } from '@skycrate/contract/auth/schemas'
import type { ChallengeAnswer } from '@skycrate/contract/factors/schemas'
import type { UserId } from '@skycrate/core/naming/id'
import type { RequestOrigin } from '../../audit/audit-event.ts'
import { AppError } from '../../errors/app-error.ts'
import type { Sql } from '../../db/database.ts'
import { addressGroup } from '../../limits/address-group.ts'
import { type Account, findAccountOf } from '../account-rows.ts'
import { guardedAs } from '../check-password.ts'
import { issueTokens } from '../issue-tokens.ts'
import { requireWellFormed } from '../new-password.ts'
import type { SignInProof, SignInRefusal } from '../open-session.ts'
import { hasSignedInFrom } from '../sessions.ts'
import { combineAmr } from './amr.ts'
import { type Challenge, passwordVersion, useChallenge } from './challenge-token.ts'
import type { FactorContext } from './factor-context.ts'
import {
  findFactors,
  findPasskey,
  findTotp,
  hasSecondFactor,
  usePasskey,
  useRecoveryCode,
  useTotpStep,
} from './factor-rows.ts'
import { hashRecoveryCode } from './recovery-codes.ts'
import { totpStepOf } from './totp.ts'

type ProofChallenge = Extract<Challenge, { purpose: 'sign-in' | 'fresh' | 'passkey' }>

/** What an answer proves, and what has to be used up for it when it counts. */
interface Proof {
  readonly userId: UserId
  readonly method: string
  readonly amr: readonly string[]
  readonly use: (tx: Sql, locked: Account) => Promise<true | SignInRefusal>
}

/**
 * Completes a sign-in, or replaces a session by one whose user has just proven who they are. A code, a recovery code, an
 * answer of a passkey and the challenge itself are used up with the new session, or not at all.
 * @throws AppError `invalid-request`, `invalid-token`, `invalid-code`, `invalid-credentials`, `account-suspended`,
 * `too-many-requests`
 * @param client the app that answers; it has to be the one that asked
 */
export async function answerChallenge(
  context: FactorContext,
  answer: ChallengeAnswer,
  origin: RequestOrigin,
  client?: string,
): Promise<Tokens> {
  const { code, recoveryCode, password, passkey } = answer
  if ([code, recoveryCode, password, passkey].filter((each) => each !== undefined).length !== 1) {
    const message = 'must come with exactly one of code, recoveryCode, password and passkey'
    throw new AppError('invalid-request', undefined, { errors: [{ path: '/challenge_token', message }] })
  }
  const challenge = context.challenges.read(answer.challenge_token)
  if (!challenge || challenge.purpose === 'create-passkey') throw over()
  if (clientOf(challenge) !== client) throw over()
  if (passkey !== undefined)
    return open(context, challenge, await proveByPasskey(context, challenge, passkey, origin), origin)
  if (challenge.purpose === 'passkey') throw over()
  const { userId } = challenge
  if (password !== undefined) {
    return open(context, challenge, await proveByPassword(context, challenge, password, origin), origin)
  }
  const kind = code === undefined ? 'recovery-code' : 'totp'
  return context.codes
    .attempt(kind, userId, async () => {
      const proof =
        code === undefined
          ? proveByRecoveryCode(userId, recoveryCode!)
          : await proveByCode(context, userId, code, origin)
      return open(context, challenge, proof, origin)
    })
    .catch((error: unknown) => context.events.throttled('auth.login', userId, error, origin))
}

const clientOf = (challenge: ProofChallenge): string | undefined =>
  challenge.purpose === 'fresh' ? undefined : challenge.client

const over = (): AppError => new AppError('invalid-token', 'This took too long or was completed already. Start again.')

const wrongCode = (): AppError => new AppError('invalid-code', 'Enter the code that is shown now.')

const wrongPasskey = (): AppError => new AppError('invalid-code', 'This passkey was not accepted.')

async function open(
  context: FactorContext,
  challenge: ProofChallenge,
  { userId, method, amr, use }: Proof,
  origin: RequestOrigin,
): Promise<Tokens> {
  const before = challenge.purpose === 'sign-in' ? ['pwd'] : challenge.purpose === 'fresh' ? challenge.amr : []
  const proof: SignInProof = {
    method,
    amr: combineAmr(before, amr),
    client: clientOf(challenge),
    async stillHolds(locked, tx) {
      // Reset or changed since: who began with the old password begins anew.
      if (challenge.purpose !== 'passkey' && passwordVersion(locked.passwordHash) !== challenge.password) {
        return { refused: 'wrong-password', error: over() }
      }
      if (!(await useChallenge(tx, challenge))) return { refused: 'replayed-challenge', error: over() }
      return use(tx, locked)
    },
    ...(challenge.purpose === 'fresh' ? { replaces: challenge.sessionId } : {}),
  }
  const session = await context.sessions.open(userId, proof, origin)
  return issueTokens(context, { userId, ...session })
}

async function proveByCode(
  { database, events, now, sealing }: FactorContext,
  userId: UserId,
  code: string,
  origin: RequestOrigin,
): Promise<Proof> {
  const sealed = await findTotp(database, userId, 'totp')
  const secret = sealed === undefined ? undefined : sealing.open(userId, Buffer.from(sealed, 'base64url'))
  const step = secret === undefined ? undefined : totpStepOf(secret, code, now())
  if (sealed === undefined || step === undefined) {
    await events.denied('auth.login', userId, 'wrong-code', origin)
    throw wrongCode()
  }
  return {
    userId,
    method: 'totp',
    amr: ['otp'],
    use: async (tx) =>
      (await useTotpStep(tx, userId, sealed, step)) || { refused: 'replayed-code', error: wrongCode() },
  }
}

function proveByRecoveryCode(userId: UserId, code: string): Proof {
  return {
    userId,
    method: 'recovery-code',
    amr: ['otp'],
    async use(tx) {
      const isUsed =
        hasSecondFactor(await findFactors(tx, userId)) && (await useRecoveryCode(tx, userId, hashRecoveryCode(code)))
      const error = new AppError('invalid-code', 'This is no recovery code of yours, or it was used already.')
      return isUsed || { refused: 'wrong-recovery-code', error }
    },
  }
}

/** Only where there is nothing better: a second factor is not replaced by the first. */
async function proveByPassword(
  { database, events, guard, passwords }: FactorContext,
  challenge: Extract<Challenge, { purpose: 'sign-in' | 'fresh' }>,
  password: string,
  origin: RequestOrigin,
): Promise<Proof> {
  requireWellFormed(password, '/password')
  const { userId } = challenge
  const account = await findAccountOf(database, userId)
  const isRight = await guard
    .check({
      account: guardedAs(userId),
      ip: origin.ip,
      isFamiliar: (address) => hasSignedInFrom(database, userId, address),
      verify: () => passwords.verify(account?.passwordHash, password),
    })
    .catch((error: unknown) => events.throttled('auth.login', userId, error, origin))
  if (!isRight) {
    await events.denied('auth.login', userId, 'wrong-password', origin)
    throw new AppError('invalid-credentials', 'The password is wrong.')
  }
  return {
    userId,
    method: 'password',
    amr: ['pwd'],
    async use(tx) {
      const isEnough = challenge.purpose === 'fresh' && !hasSecondFactor(await findFactors(tx, userId))
      const error = new AppError('invalid-code', 'A second factor is needed: a code or a passkey.')
      return isEnough || { refused: 'second-factor-missing', error }
    },
  }
}

async function proveByPasskey(
  { database, events, now, refusals, relyingParty }: FactorContext,
  challenge: ProofChallenge,
  answer: NonNullable<ChallengeAnswer['passkey']>,
  origin: RequestOrigin,
): Promise<Proof> {
  const asked = challenge.purpose === 'passkey' ? null : challenge.userId
  const passkey = await findPasskey(database, answer.id)
  const isOurs = passkey !== undefined && (asked === null || passkey.userId === asked)
  const verified = isOurs
    ? await relyingParty?.verifyAnswer(answer, challenge.nonce, passkey, { verifyUser: asked === null })
    : undefined
  if (!passkey || !verified) {
    const retryAfter = asked === null ? await refusals.take(addressGroup(origin.ip), now()) : 0
    await events.denied('auth.login', asked, retryAfter > 0 ? 'throttled' : 'wrong-passkey', origin)
    if (retryAfter > 0) throw new AppError('too-many-requests', undefined, { retryAfter })
    throw wrongPasskey()
  }
  return {
    userId: passkey.userId,
    method: 'passkey',
    amr: [passkey.singleDevice ? 'hwk' : 'swk', ...(verified.isVerified ? ['user'] : [])],
    use: async (tx) =>
      (await usePasskey(tx, passkey, verified.counter)) || { refused: 'replayed-passkey', error: wrongPasskey() },
  }
}
