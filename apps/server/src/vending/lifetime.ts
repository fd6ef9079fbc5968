import { AppError } from '../errors/app-error.ts'

/** Seconds that a URL holds when the request does not say. */
export const DEFAULT_EXPIRES_IN = 3600

/**
 * Seconds that something signed may hold: as asked, and no longer than what allows it and what signs it.
 * @param endsAt milliseconds since the epoch, or Infinity
 * @throws AppError `forbidden` when nothing is left
 */
export function lifetimeOf(asked: number | undefined, endsAt: number, now: number): number {
  const expiresIn = Math.min(asked ?? DEFAULT_EXPIRES_IN, Math.floor((endsAt - now) / 1000))
  if (expiresIn >= 1) return expiresIn
  throw new AppError('forbidden', 'The permission that allowed this has just expired.', { cause: 'expired' })
}

/** Milliseconds since the epoch at which something signed ends at the latest. @param endsAt as `lifetimeOf` */
export const lifetimeEnd = (asked: number | undefined, endsAt: number, now: number): number =>
  Math.min(now + (asked ?? DEFAULT_EXPIRES_IN) * 1000, endsAt)
