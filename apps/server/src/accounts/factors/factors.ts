import type { Tokens } from '@skycrate/contract/auth/schemas'
import type {
  Challenge,
  ChallengeAnswer,
  Factors as FactorsView,
  NewPasskey,
  NewTotp,
  Passkey,
  PasskeyCreation,
  RecoveryCodes,
} from '@skycrate/contract/factors/schemas'
import type { RequestOrigin } from '../../audit/audit-event.ts'
import { createAttemptLimit } from '../../limits/attempt-limit.ts'
import { createSealing } from '../../sealing.ts'
import type { AccountContext } from '../account-context.ts'
import type { SessionOpener } from '../open-session.ts'
import { answerChallenge } from './answer-challenge.ts'
import { challengeAfresh, challengePasskey } from './begin-challenge.ts'
import { createChallenges } from './challenge-token.ts'
import { createCodeGuard } from './code-guard.ts'
import type { FactorContext, Owner } from './factor-context.ts'
import {
  changePasskey,
  createPasskey,
  createRecoveryCodes,
  deleteTotp,
  enrolTotp,
  forgetPasskey,
  listFactors,
  startPasskey,
  startTotp,
} from './own-factors.ts'
import { createRelyingParty } from './relying-party.ts'

/** Refused passkeys of one network, and the milliseconds until it has one more. */
const REFUSALS = { burst: 100, refillMs: 3_000 }
/** Challenges of one account, and the milliseconds until it has one more. */
const BEGUN = { burst: 100, refillMs: 1_000 }

/** Second factors of built-in accounts, and the challenges that ask for them. */
export interface Factors {
  /** @param client the app that signs somebody in @throws as `answerChallenge` */
  answer(answer: ChallengeAnswer, origin: RequestOrigin, client?: string): Promise<Tokens>
  passkeyChallenge(client?: string): Promise<Challenge>
  freshChallenge(owner: Owner): Promise<Challenge>
  list(owner: Owner): Promise<FactorsView>
  startTotp(owner: Owner): Promise<NewTotp>
  enrolTotp(owner: Owner, code: string): Promise<void>
  deleteTotp(owner: Owner): Promise<void>
  createRecoveryCodes(owner: Owner): Promise<RecoveryCodes>
  startPasskey(owner: Owner): Promise<NewPasskey>
  createPasskey(owner: Owner, given: PasskeyCreation): Promise<Passkey>
  renamePasskey(owner: Owner, id: string, name: string): Promise<Passkey>
  deletePasskey(owner: Owner, id: string): Promise<void>
}

export function createFactorContext(
  context: AccountContext,
  options: { readonly sessions: SessionOpener; readonly secret: string; readonly publicUrl: string },
): FactorContext {
  const { database, now } = context
  const { sessions, secret, publicUrl } = options
  return {
    ...context,
    sessions,
    publicUrl,
    challenges: createChallenges(secret, now),
    codes: createCodeGuard(database, now),
    sealing: createSealing(secret, 'skycrate authenticator apps'),
    relyingParty: createRelyingParty(publicUrl),
    refusals: createAttemptLimit(database, 'refused-passkeys', REFUSALS),
    begun: createAttemptLimit(database, 'challenges', BEGUN),
  }
}

export function createFactors(context: FactorContext): Factors {
  return {
    answer: (answer, origin, client) => answerChallenge(context, answer, origin, client),
    passkeyChallenge: (client) => challengePasskey(context, client),
    freshChallenge: (owner) => challengeAfresh(context, owner),
    list: (owner) => listFactors(context, owner),
    startTotp: (owner) => startTotp(context, owner),
    enrolTotp: (owner, code) => enrolTotp(context, owner, code),
    deleteTotp: (owner) => deleteTotp(context, owner),
    createRecoveryCodes: (owner) => createRecoveryCodes(context, owner),
    startPasskey: (owner) => startPasskey(context, owner),
    createPasskey: (owner, given) => createPasskey(context, owner, given),
    renamePasskey: (owner, id, name) => changePasskey(context, owner, id, name),
    deletePasskey: (owner, id) => forgetPasskey(context, owner, id),
  }
}
