import { AppError } from '../errors/app-error.ts'
import { addressGroup } from './address-group.ts'
import { createAttemptLimit, type AttemptLimit } from './attempt-limit.ts'

/** Bounds how often passwords may be guessed. Only wrong passwords count. */
export interface SignInGuard {
  /**
   * Counts the attempt, then lets it be checked: the other way round, a burst of parallel attempts would find the count
   * low. An attempt that is right, or that could not be checked, is taken back.
   *
   * @returns whether the password was right
   * @throws AppError `too-many-requests`, and whatever `isFamiliar` and `verify` throw
   */
  check(attempt: {
    /** One name for each account, however its e-mail was spelled, and for each e-mail without one. */
    readonly account: string
    readonly ip: string | null
    /** Whether this account was signed in to from this network before; asked only when it decides. */
    readonly isFamiliar: (address: string) => Promise<boolean>
    readonly verify: () => Promise<boolean>
  }): Promise<boolean>
}

/**
 * Three limits, each a bucket of wrong passwords and the milliseconds until it holds one more.
 *
 * - One network on one account: the guesser at home. It runs dry for that network alone, so that a stranger who fails on
 *   purpose does not keep the owner out.
 * - One network on all accounts: one password tried on everybody.
 * - One account from everywhere: guessing from many networks. It refills faster than a single network can empty it, and
 *   networks from which the account was signed in to pass it, so that the owner at home stays welcome during an attack.
 */
const PER_ACCOUNT_AND_ADDRESS = { burst: 10, refillMs: 60_000 }
const PER_ADDRESS = { burst: 100, refillMs: 3_000 }
const PER_ACCOUNT = { burst: 100, refillMs: 36_000 }

export function createSignInGuard(now: () => number): SignInGuard {
  const limitOf = ({ burst, refillMs }: typeof PER_ADDRESS): AttemptLimit => createAttemptLimit(burst, refillMs)
  const perAddress = limitOf(PER_ADDRESS)
  const perAccountAndAddress = limitOf(PER_ACCOUNT_AND_ADDRESS)
  const perAccount = limitOf(PER_ACCOUNT)

  return {
    async check({ account, ip, isFamiliar, verify }) {
      const address = addressGroup(ip)
      // An address has no space in it, so no two pairs share a name.
      const pair = `${address} ${account}`
      const taken: (() => void)[] = []
      const take = (limit: AttemptLimit, name: string): number => {
        const wait = limit.take(name, now())
        if (wait === 0) taken.push(() => limit.giveBack(name))
        return wait
      }
      const takeBack = (): void => {
        for (const giveBack of taken) giveBack()
      }
      try {
        const wait = take(perAddress, address) || take(perAccountAndAddress, pair)
        if (wait > 0) throw tooManyAttempts(wait)
        const waitOfAll = take(perAccount, account)
        if (waitOfAll > 0 && !(await isFamiliar(address))) throw tooManyAttempts(waitOfAll)
        if (!(await verify())) return false
      } catch (error) {
        takeBack()
        throw error
      }
      takeBack()
      perAccountAndAddress.refill(pair)
      return true
    },
  }
}

function tooManyAttempts(retryAfter: number): AppError {
  return new AppError('too-many-requests', 'Too many attempts failed; wait before the next.', { retryAfter })
}
