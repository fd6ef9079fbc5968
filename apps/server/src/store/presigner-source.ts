import type { Credentials } from '@skycrate/core/sigv4/credentials'
import { createPresigner, type Presigner } from '@skycrate/core/sigv4/presign'
import { AppError } from '../errors/app-error.ts'

/** Credentials that end, as a role gives them. */
export interface ExpiringCredentials extends Credentials {
  readonly expiration?: Date | undefined
}

/** A presigner, and when the credentials it signs with end (milliseconds since the epoch, or Infinity). */
export interface Signing {
  readonly presigner: Presigner
  readonly endsAt: number
}

export interface PresignerSource {
  /** @throws AppError `store-unavailable` when no credentials can be had */
  current(): Signing | Promise<Signing>
}

/** New credentials are asked for when these have less left, in milliseconds: a URL dies with what signed it. */
const RENEW_BEFORE_MS = 10 * 60_000

export function createPresignerSource(options: {
  readonly endpoint: string
  readonly region: string
  readonly addressing: 'path' | 'virtual'
  readonly credentials: Credentials | (() => Promise<ExpiringCredentials>)
  readonly now: () => number
}): PresignerSource {
  const { credentials, now, ...target } = options
  if (typeof credentials !== 'function') {
    const signing = { presigner: createPresigner({ ...target, credentials }), endsAt: Number.POSITIVE_INFINITY }
    return { current: () => signing }
  }
  let held: Signing | undefined
  let renewing: Promise<Signing> | undefined
  const renew = (): Promise<Signing> =>
    (renewing ??= credentials()
      .then((given) => {
        const endsAt = given.expiration?.getTime() ?? Number.POSITIVE_INFINITY
        return (held = { presigner: createPresigner({ ...target, credentials: given }), endsAt })
      })
      .catch((cause: unknown) => {
        throw new AppError('store-unavailable', undefined, { cause, retryAfter: 5 })
      })
      .finally(() => {
        renewing = undefined
      }))
  return {
    current() {
      if (held && held.endsAt - now() > RENEW_BEFORE_MS) return held
      // What is held still signs while its successor is on the way or cannot be had.
      const next = renew()
      if (!held || held.endsAt <= now()) return next
      next.catch(() => undefined)
      return held
    },
  }
}
