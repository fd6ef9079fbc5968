import type { UserId } from '@skycrate/core/naming/id'
import type { RequestOrigin } from '../audit/audit-event.ts'
import { AppError } from '../errors/app-error.ts'
import { addressGroup } from '../limits/address-group.ts'
import { type AttemptLimit, createAttemptLimit } from '../limits/attempt-limit.ts'
import { noteSignIn } from '../users/note-sign-in.ts'
import type { AccountContext } from './account-context.ts'
import { type Account, lockAccountOf } from './account-rows.ts'
import { type StartedSession, startSession } from './sessions.ts'

/** Sign-ins of one account that succeed, and the milliseconds until it has one more. */
const SIGN_INS = { burst: 100, refillMs: 1_000 }

/** Starts sessions: where every way to prove who somebody is with a built-in account ends. */
export interface SessionOpener {
  /**
   * @param proof how the user signed in, and whether what was proven still holds once the account is locked
   * @throws AppError `invalid-credentials`, `account-suspended`, `too-many-requests`
   */
  open(
    userId: UserId,
    proof: { readonly method: string; readonly stillHolds: (locked: Account) => boolean },
    origin: RequestOrigin,
  ): Promise<StartedSession>
}

export function createSessionOpener(context: AccountContext): SessionOpener {
  const { database, events, now, sessionsEnded } = context
  const signIns: AttemptLimit = createAttemptLimit(database, 'sign-ins', SIGN_INS)

  return {
    async open(userId, { method, stillHolds }, origin) {
      const retryAfter = await signIns.take(userId, now())
      if (retryAfter > 0) {
        await events.denied('auth.login', userId, 'throttled', origin)
        throw new AppError('too-many-requests', 'This account signs in too often.', { retryAfter })
      }
      const started = await database.transaction(async (tx) => {
        const locked = await lockAccountOf(tx, userId)
        // Changed since it was checked: a session of the old password would outlive the change that ends them all.
        if (!locked || !stillHolds(locked)) return { refused: 'wrong-password' } as const
        if (locked.state !== 'active') return { refused: 'suspended' } as const
        await noteSignIn(tx, userId)
        const session = await startSession(tx, userId, addressGroup(origin.ip), now())
        const { sessionId, endedSessionIds } = session
        const ended = endedSessionIds.length > 0 ? { endedSessionIds } : {}
        await events.allowed('auth.login', userId, { sessionId, method, ...ended }, origin)
        return session
      })
      if ('refused' in started) {
        await events.denied('auth.login', userId, started.refused, origin)
        if (started.refused === 'suspended') throw new AppError('account-suspended', 'Ask an administrator.')
        throw new AppError('invalid-credentials')
      }
      if (started.endedSessionIds.length > 0) sessionsEnded(userId)
      return started
    },
  }
}
