import type { ShareId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import { createAttemptLimit } from '../limits/attempt-limit.ts'

/** Bounds how often the password of a link may be guessed. Only wrong passwords count. */
export interface PasswordGuard {
  /**
   * Counts the attempt, then lets it be checked, so that many at once are counted too.
   * @param address as `addressGroup` has it
   * @throws AppError `too-many-requests`, and whatever `verify` throws
   */
  check(id: ShareId, address: string, verify: () => Promise<boolean>): Promise<boolean>
}

/** From one network: ten wrong ones, then one a minute. */
const PER_ADDRESS = { burst: 10, refillMs: 60_000 }
/** From all networks together: addresses are cheap. */
const PER_SHARE = { burst: 100, refillMs: 36_000 }

export function createPasswordGuard(sql: Sql, now: () => number): PasswordGuard {
  const perAddress = createAttemptLimit(sql, 'share-password-address', PER_ADDRESS)
  const perShare = createAttemptLimit(sql, 'share-password', PER_SHARE)
  return {
    async check(id, address, verify) {
      const pair = `${address} ${id}`
      const wait = (await perAddress.take(pair, now())) || (await perShare.take(id, now()))
      if (wait > 0) {
        throw new AppError('too-many-requests', 'Too many wrong passwords; wait before the next.', { retryAfter: wait })
      }
      const isRight = await verify()
      if (isRight) {
        await perShare.giveBack(id)
        await perAddress.refill(pair)
      }
      return isRight
    },
  }
}
