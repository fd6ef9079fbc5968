/**
 * A bucket of tokens that refills evenly. Its state is one number, the time at which it is full again, so that several
 * processes add up what they took (the generic cell rate algorithm).
 */
export interface BucketSize {
  /** Tokens in a full bucket; at least 1. */
  readonly burst: number
  /** Milliseconds after which an emptied bucket has one token more. */
  readonly refillMs: number
}

export type Taken =
  | { readonly outcome: 'taken'; readonly fullAt: number }
  /** @property wait whole seconds until there is a token, at least 1 */
  | { readonly outcome: 'refused'; readonly fullAt: number; readonly wait: number }

/** @param fullAt,now milliseconds since the epoch */
export function takeFrom({ burst, refillMs }: BucketSize, fullAt: number, now: number): Taken {
  const emptyAt = now + burst * refillMs
  // A clock that was set back must not keep anybody waiting for it.
  const from = Math.min(Math.max(fullAt, now), emptyAt)
  if (from + refillMs <= emptyAt) return { outcome: 'taken', fullAt: from + refillMs }
  return { outcome: 'refused', fullAt: from, wait: secondsUntilToken({ burst, refillMs }, from, now) }
}

export function secondsUntilToken({ burst, refillMs }: BucketSize, fullAt: number, now: number): number {
  return Math.max(1, Math.ceil((fullAt + refillMs - now - burst * refillMs) / 1000))
}
