import { AppError } from '../errors/app-error.ts'
import type { SignedIn } from './authenticator.ts'

/** Milliseconds since the user proved who they are. */
const FRESH_MS = 10 * 60_000

/**
 * That somebody has just proven who they are, with their second factor where they have one.
 * @param now milliseconds since the epoch
 * @throws AppError `fresh-authentication-required`
 */
export function requireFresh({ authenticatedAt, hasUnprovenFactor }: SignedIn, now: number): void {
  if (authenticatedAt !== null && now - authenticatedAt < FRESH_MS && !hasUnprovenFactor) return
  throw new AppError(
    'fresh-authentication-required',
    hasUnprovenFactor
      ? 'Confirm that it is you with your second factor.'
      : 'You signed in some time ago. Confirm that it is you.',
  )
}
