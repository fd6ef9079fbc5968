/** Failures that a name may have within the window before it must wait. */
export interface AttemptLimit {
  /** @returns seconds to wait, or 0 when another attempt is fine */
  secondsToWait(name: string, now: number): number
  failed(name: string, now: number): void
  /** Forgets all failures. */
  succeeded(name: string): void
  /** Takes back one. */
  forgive(name: string): void
}

/** Names remembered at once; beyond it the oldest are forgotten. */
const MAX_NAMES = 50_000

/**
 * Counts failed attempts by name (an e-mail, an address) in this process. Each process counts for itself: with n processes
 * a guesser has n times the attempts, which still is nothing against a password of 12 characters.
 *
 * @param windowMs milliseconds after the last failure in which it counts
 */
export function createAttemptLimit(maxFailures: number, windowMs: number): AttemptLimit {
  const failures = new Map<string, { count: number; last: number }>()
  return {
    secondsToWait(name, now) {
      const entry = failures.get(name)
      if (!entry || now - entry.last >= windowMs || entry.count < maxFailures) return 0
      return Math.ceil((windowMs - (now - entry.last)) / 1000)
    },
    failed(name, now) {
      const entry = failures.get(name)
      const count = entry && now - entry.last < windowMs ? entry.count + 1 : 1
      failures.delete(name)
      failures.set(name, { count, last: now })
      if (failures.size > MAX_NAMES) failures.delete(failures.keys().next().value!)
    },
    succeeded(name) {
      failures.delete(name)
    },
    forgive(name) {
      const entry = failures.get(name)
      if (entry) failures.set(name, { ...entry, count: entry.count - 1 })
    },
  }
}
