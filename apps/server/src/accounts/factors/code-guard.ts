import type { UserId } from '@skycrate/core/naming/id'
import { AppError } from '../../errors/app-error.ts'
import type { Sql } from '../../db/database.ts'
import { createAttemptLimit } from '../../limits/attempt-limit.ts'

/** Wrong codes of one user, and the milliseconds until there may be one more: some 300 of a million in a day. */
const WRONG_CODES = { burst: 5, refillMs: 5 * 60_000 }

export type CodeKind = 'totp' | 'new-totp' | 'recovery-code'

/** Bounds how often the codes of a user may be guessed, from wherever and through whichever process. */
export interface CodeGuard {
  /**
   * Counts the attempt, then makes it; one that succeeds, or fails for another reason than a wrong code, is taken back.
   * Each kind counts by itself: whoever exhausts one does not keep the owner from the other.
   * @throws AppError `too-many-requests`, and what `attempt` throws
   */
  attempt<T>(kind: CodeKind, userId: UserId, attempt: () => Promise<T>): Promise<T>
}

export function createCodeGuard(sql: Sql, now: () => number): CodeGuard {
  const wrongCodes = createAttemptLimit(sql, 'wrong-codes', WRONG_CODES)
  return {
    async attempt(kind, userId, attempt) {
      const name = `${kind} ${userId}`
      const retryAfter = await wrongCodes.take(name, now())
      if (retryAfter > 0) {
        throw new AppError('too-many-requests', 'Too many codes were wrong; wait before the next.', { retryAfter })
      }
      let result
      try {
        result = await attempt()
      } catch (error) {
        const isWrong = error instanceof AppError && error.code === 'invalid-code'
        if (!isWrong) await wrongCodes.giveBack(name).catch(() => undefined)
        throw error
      }
      await wrongCodes.refill(name)
      return result
    },
  }
}
