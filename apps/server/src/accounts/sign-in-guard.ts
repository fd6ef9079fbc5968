import { AppError } from '../errors/app-error.ts'
import type { Sql } from '../db/database.ts'
import { addressGroup } from '../limits/address-group.ts'
import { type AttemptLimit, createAttemptLimit } from '../limits/attempt-limit.ts'

/** Somebody who gives a password. */
export interface Attempt {
  /** One name for each account, however its e-mail was spelled, and for each e-mail without one. */
  readonly account: string
  readonly ip: string | null
  /** Whether this account was signed in to from this network before; asked only when it decides. */
  readonly isFamiliar: (address: string) => Promise<boolean>
  readonly verify: () => Promise<boolean>
}

/** Bounds how often passwords may be guessed. Only wrong passwords count. */
export interface SignInGuard {
  /**
   * Counts the attempt, then lets it be checked: the other way round, a burst of parallel attempts would find the count
   * low. An attempt that is right, or that could not be checked, is taken back.
   *
   * @returns whether the password was right
   * @throws AppError `too-many-requests`, and whatever `isFamiliar` and `verify` throw
   */
  check(attempt: Attempt): Promise<boolean>
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

/**
 * Passwords of one network that one process checks at once, right ones too: a flood from one leaves places in the queue
 * for the others.
 */
const AT_ONCE = 16

export function createSignInGuard(sql: Sql, now: () => number): SignInGuard {
  const perAddress = createAttemptLimit(sql, 'sign-in-address', PER_ADDRESS)
  const perAccountAndAddress = createAttemptLimit(sql, 'sign-in-account-and-address', PER_ACCOUNT_AND_ADDRESS)
  const perAccount = createAttemptLimit(sql, 'sign-in-account', PER_ACCOUNT)

  async function checked(attempt: Attempt, address: string): Promise<boolean> {
    const { account, isFamiliar, verify } = attempt
    // An address has no space in it, so no two pairs share a name.
    const pair = `${address} ${account}`
    let familiar: boolean | undefined
    const isWelcome = async (): Promise<boolean> => (familiar ??= await isFamiliar(address))
    // Under an attack nearly every attempt ends here, and writes nothing.
    const left = (await perAddress.wait(address, now())) || (await perAccountAndAddress.wait(pair, now()))
    if (left > 0) throw tooManyAttempts(left)
    const leftOfAll = await perAccount.wait(account, now())
    if (leftOfAll > 0 && !(await isWelcome())) throw tooManyAttempts(leftOfAll)

    const taken: (() => Promise<void>)[] = []
    const take = async (limit: AttemptLimit, name: string): Promise<number> => {
      const wait = await limit.take(name, now())
      if (wait === 0) taken.push(() => limit.giveBack(name))
      return wait
    }
    const takeBack = async (): Promise<void> => {
      for (const giveBack of taken) await giveBack()
    }
    try {
      const wait = (await take(perAddress, address)) || (await take(perAccountAndAddress, pair))
      if (wait > 0) throw tooManyAttempts(wait)
      const waitOfAll = await take(perAccount, account)
      if (waitOfAll > 0 && !(await isWelcome())) throw tooManyAttempts(waitOfAll)
      if (!(await verify())) return false
    } catch (error) {
      // A database that is away has an error to tell already.
      await takeBack().catch(() => undefined)
      throw error
    }
    await takeBack()
    await perAccountAndAddress.refill(pair)
    return true
  }

  const underWay = new Map<string, number>()
  return {
    async check(attempt) {
      const address = addressGroup(attempt.ip)
      const before = underWay.get(address) ?? 0
      if (before >= AT_ONCE) throw new AppError('too-many-requests', BUSY, { retryAfter: 2 })
      underWay.set(address, before + 1)
      try {
        return await checked(attempt, address)
      } finally {
        const left = underWay.get(address)! - 1
        if (left > 0) underWay.set(address, left)
        else underWay.delete(address)
      }
    },
  }
}

const BUSY = 'Too many people sign in at once from your network; try again.'

function tooManyAttempts(retryAfter: number): AppError {
  return new AppError('too-many-requests', 'Too many attempts failed; wait before the next.', { retryAfter })
}
