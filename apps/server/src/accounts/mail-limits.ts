import type { RequestOrigin } from '../audit/audit-event.ts'
import type { Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import { addressGroup } from '../limits/address-group.ts'
import { type AttemptLimit, createAttemptLimit } from '../limits/attempt-limit.ts'

/** Mails that strangers cause, each a bucket and the milliseconds until it holds one more. */
const MAILS_PER_NETWORK = { burst: 20, refillMs: 60_000 }
const MAILS_PER_ADDRESS = { burst: 5, refillMs: 12 * 60_000 }
const MAILS_OF_ALL = { burst: 2_000, refillMs: 500 }
/** Wrong codes. Of a million codes, an address gets 25 guesses at first and 24 a day. */
const GUESSES_PER_NETWORK = { burst: 30, refillMs: 60_000 }
const GUESSES_PER_ADDRESS = { burst: 25, refillMs: 60 * 60_000 }

/** Bounds what people who are not signed in may cause, whether there is an account or not. */
export interface MailLimits {
  /** Before a mail is written. @throws AppError `too-many-requests` */
  mail(address: string, origin: RequestOrigin): Promise<void>
  /** Before a code is looked at. @returns to be called when it was right @throws AppError `too-many-requests` */
  guess(address: string, origin: RequestOrigin): Promise<() => Promise<void>>
}

export function createMailLimits(sql: Sql, now: () => number): MailLimits {
  const perNetwork = createAttemptLimit(sql, 'mails-network', MAILS_PER_NETWORK)
  const perAddress = createAttemptLimit(sql, 'mails-address', MAILS_PER_ADDRESS)
  const ofAll = createAttemptLimit(sql, 'mails-all', MAILS_OF_ALL)
  const guessesPerNetwork = createAttemptLimit(sql, 'codes-network', GUESSES_PER_NETWORK)
  const guessesPerAddress = createAttemptLimit(sql, 'codes-address', GUESSES_PER_ADDRESS)

  async function take(limits: readonly (readonly [AttemptLimit, string])[], detail: string): Promise<void> {
    for (const [limit, name] of limits) {
      const retryAfter = await limit.take(name, now())
      if (retryAfter > 0) throw new AppError('too-many-requests', detail, { retryAfter })
    }
  }

  return {
    mail: (address, { ip }) =>
      take(
        [
          [perNetwork, addressGroup(ip)],
          [perAddress, address],
          [ofAll, ''],
        ],
        'Too many mails were asked for. Wait before the next.',
      ),
    async guess(address, { ip }) {
      const network = addressGroup(ip)
      await take(
        [
          [guessesPerNetwork, network],
          [guessesPerAddress, address],
        ],
        'Too many wrong codes came. Wait before the next.',
      )
      return async () => {
        await guessesPerNetwork.giveBack(network)
        await guessesPerAddress.refill(address)
      }
    },
  }
}
