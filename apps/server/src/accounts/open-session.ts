import type { SessionId, UserId } from '@skycrate/core/naming/id'
import type { RequestOrigin } from '../audit/audit-event.ts'
import type { Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import { type AttemptLimit, createAttemptLimit } from '../limits/attempt-limit.ts'
import { noteSignIn } from '../users/note-sign-in.ts'
import type { AccountContext } from './account-context.ts'
import { type Account, lockAccountOf } from './account-rows.ts'
import { endSession, placeOf, type SessionClient, type StartedSession, startSession } from './sessions.ts'

/** Sign-ins of one account that succeed, and the milliseconds until it has one more. */
export const SIGN_INS = { burst: 100, refillMs: 1_000 }

/** What somebody proved to sign in. */
export interface SignInProof {
  /** For the audit log. */
  readonly method: string
  /** As RFC 8176 names it, such as `pwd`. */
  readonly amr: readonly string[]
  /**
   * Whether what was proven still holds, asked once the account is locked. What it uses up counts only if the session does.
   * Says why not where it is not an outdated password.
   */
  readonly stillHolds: (locked: Account, tx: Sql) => boolean | SignInRefusal | Promise<boolean | SignInRefusal>
  /** The session that goes on in the new one, and ends. */
  readonly replaces?: SessionId
  /** The app that the session is of. */
  readonly client?: string | undefined
}

export interface SignInRefusal {
  /** For the audit log. */
  readonly refused: string
  readonly error: AppError
}

/** Starts sessions: where every way to prove who somebody is with a built-in account ends. */
export interface SessionOpener {
  /** Seconds until the user may sign in again; 0 where they may. */
  wait(userId: UserId): Promise<number>
  /** @throws AppError `invalid-credentials`, `account-suspended`, `too-many-requests`, and what the proof refuses with */
  open(
    userId: UserId,
    proof: SignInProof,
    origin: RequestOrigin,
  ): Promise<StartedSession & { readonly client: SessionClient }>
}

const OUTDATED: SignInRefusal = { refused: 'wrong-password', error: new AppError('invalid-credentials') }
const SUSPENDED: SignInRefusal = {
  refused: 'suspended',
  error: new AppError('account-suspended', 'Ask an administrator.'),
}
const SESSION_ENDED: SignInRefusal = {
  refused: 'session-ended',
  error: new AppError('invalid-token', 'Sign in again.'),
}

/** Ends the transaction. */
class RefusedSignIn extends Error {
  readonly refusal: SignInRefusal

  constructor(refusal: SignInRefusal) {
    super(refusal.refused)
    this.refusal = refusal
  }
}

export function createSessionOpener(context: AccountContext): SessionOpener {
  const { database, events, lifetimes, now, sessionsEnded } = context
  const signIns: AttemptLimit = createAttemptLimit(database, 'sign-ins', SIGN_INS)

  return {
    wait: (userId) => signIns.wait(userId, now()),

    async open(userId, { method, amr, stillHolds, replaces, client = null }, origin) {
      const retryAfter = await signIns.take(userId, now())
      if (retryAfter > 0) {
        await events.denied('auth.login', userId, 'throttled', origin)
        throw new AppError('too-many-requests', 'This account signs in too often.', { retryAfter })
      }
      const opened = database.transaction(async (tx) => {
        const locked = await lockAccountOf(tx, userId)
        // Changed since it was checked: a session of the old password would outlive the change that ends them all.
        const holds = locked !== undefined && (await stillHolds(locked, tx))
        // What the proof used up before is there again.
        if (!locked || holds === false) throw new RefusedSignIn(OUTDATED)
        if (holds !== true) throw new RefusedSignIn(holds)
        if (locked.state !== 'active') throw new RefusedSignIn(SUSPENDED)
        if (replaces !== undefined && !(await endSession(tx, replaces))) throw new RefusedSignIn(SESSION_ENDED)
        const isKept = await noteSignIn(tx, userId)
        const how = { ...placeOf(origin), amr, client, days: lifetimes.sessionDays }
        const session = await startSession(tx, userId, how, now())
        const { sessionId } = session
        const endedSessionIds = [...(replaces === undefined ? [] : [replaces]), ...session.endedSessionIds]
        const ended = endedSessionIds.length > 0 ? { endedSessionIds } : {}
        const kept = isKept ? { keptAccount: true } : {}
        await events.allowed('auth.login', userId, { sessionId, method, ...ended, ...kept }, origin)
        return { ...session, client, endedSessionIds }
      })
      const started = await opened.catch(async (thrown: unknown) => {
        if (!(thrown instanceof RefusedSignIn)) throw thrown
        await events.denied('auth.login', userId, thrown.refusal.refused, origin)
        throw thrown.refusal.error
      })
      if (started.endedSessionIds.length > 0) sessionsEnded(userId)
      return started
    },
  }
}
