import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import type { Sql } from '../db/database.ts'
import { addressGroup } from './address-group.ts'
import type { BucketSize } from './bucket.ts'
import { createSharedLimit, type SharedLimit } from './shared-limit.ts'

/** How much one caller may ask for; each a number a second, 0 for no limit. */
export interface CallerRates {
  /** Requests of one user. */
  readonly user: number
  /** Requests of one network without a sign-in. */
  readonly guest: number
  /** Refused requests that are recorded, of one user or one network. */
  readonly denial: number
}

export interface CallerLimits extends AsyncDisposable {
  /** @returns 0, or the seconds until the user may ask again. No I/O. */
  userRequest(userId: string): number
  /** @param ip null where it is not known: all of those count as one */
  guestRequest(ip: string | null): number
  /** @returns 0, or the seconds until a network that sent too many bad tokens or signatures may try another. No I/O. */
  badTokenWait(ip: string | null): number
  /** Counts one. */
  badToken(ip: string | null): void
  /** @returns 0, or the seconds until the directory may ask again. No I/O. */
  directoryRequest(directoryId: string): number
  /** Whether one more refusal is recorded by itself. */
  denial(caller: { readonly userId: string | null; readonly ip: string | null }): number
}

/** Seconds of its rate that a caller may use at once. */
const REQUEST_BURST_SECONDS = 10
const DENIAL_BURST_SECONDS = 60
/** Recorded refusals of all networks without a sign-in: addresses are cheap. */
const ALL_GUESTS: BucketSize = { burst: 5_000, refillMs: 20 }
/** Tokens and signatures of one network that were refused: to verify one costs more than to refuse the next unread. */
const BAD_TOKENS: BucketSize = { burst: 100, refillMs: 1000 }
/** Of one directory: 500 requests a second. */
const DIRECTORY: BucketSize = { burst: 5_000, refillMs: 2 }
const SETTLE_EVERY_MS = 1000
const PRUNE_EVERY = 60

/** Limits of callers, shared by all processes. Settled once a second. */
export function createCallerLimits(options: {
  readonly sql: Sql
  readonly logger: FastifyBaseLogger
  readonly now: () => number
  readonly rates: CallerRates
}): CallerLimits {
  const { sql, logger, now, rates } = options
  const all: SharedLimit[] = []
  const limitOf = (name: string, size: BucketSize): SharedLimit => {
    const limit = createSharedLimit(sql, name, size)
    all.push(limit)
    return limit
  }
  const perSecond = (name: string, rate: number, seconds: number): SharedLimit | undefined =>
    rate === 0 ? undefined : limitOf(name, { burst: Math.max(1, rate * seconds), refillMs: 1000 / rate })

  const users = perSecond('user-requests', rates.user, REQUEST_BURST_SECONDS)
  const guests = perSecond('guest-requests', rates.guest, REQUEST_BURST_SECONDS)
  const directories = limitOf('directory-requests', DIRECTORY)
  const denials = perSecond('denials', rates.denial, DENIAL_BURST_SECONDS)
  const guestDenials = limitOf('guest-denials', ALL_GUESTS)

  const badTokens = limitOf('bad-tokens', BAD_TOKENS)

  const stopped = new AbortController()
  const { signal } = stopped
  const settling = (async () => {
    for (let turn = 1; !signal.aborted; turn++) {
      await sleep(SETTLE_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined)
      try {
        for (const limit of all) await limit.settle(now())
        if (turn % PRUNE_EVERY === 0) {
          await sql.query('delete from limit_buckets where full_at < $1', [Math.floor(now())], 'limit-prune')
        }
      } catch (error) {
        // Each process then limits by itself.
        logger.debug({ err: error }, 'limits could not be shared with other processes')
      }
    }
  })()

  return {
    userRequest: (userId) => users?.take(userId, now()) ?? 0,
    guestRequest: (ip) => guests?.take(addressGroup(ip), now()) ?? 0,
    badTokenWait: (ip) => badTokens.wait(addressGroup(ip), now()),
    badToken: (ip) => void badTokens.take(addressGroup(ip), now()),
    directoryRequest: (directoryId) => directories.take(directoryId, now()),
    denial({ userId, ip }) {
      if (denials === undefined) return 0
      if (userId !== null) return denials.take(userId, now())
      return denials.take(addressGroup(ip), now()) || guestDenials.take('all', now())
    },
    async [Symbol.asyncDispose]() {
      stopped.abort()
      await settling
    },
  }
}
