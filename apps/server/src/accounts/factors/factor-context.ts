import type { SessionId, UserId } from '@skycrate/core/naming/id'
import type { RequestOrigin } from '../../audit/audit-event.ts'
import type { AttemptLimit } from '../../limits/attempt-limit.ts'
import type { Sealing } from '../../sealing.ts'
import type { AccountContext } from '../account-context.ts'
import type { SessionOpener } from '../open-session.ts'
import type { Challenges } from './challenge-token.ts'
import type { CodeGuard } from './code-guard.ts'
import type { RelyingParty } from './relying-party.ts'

/** What the use cases of second factors share. */
export interface FactorContext extends AccountContext {
  readonly sessions: SessionOpener
  readonly challenges: Challenges
  readonly codes: CodeGuard
  /** Of secrets of authenticator apps. */
  readonly sealing: Sealing
  /** Undefined where the public URL takes no passkeys. */
  readonly relyingParty: RelyingParty | undefined
  /** Where the web app is. */
  readonly publicUrl: string
  /** Answers that were refused and name no user, of one network. */
  readonly refusals: AttemptLimit
  /** Challenges of one account. */
  readonly begun: AttemptLimit
}

/** A person who changes their own factors. */
export interface Owner {
  readonly userId: UserId
  /** Null with the token of an issuer. */
  readonly sessionId: SessionId | null
  readonly amr: readonly string[]
  readonly origin: RequestOrigin
}
