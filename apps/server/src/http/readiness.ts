import { setTimeout as sleep } from 'node:timers/promises'

/** One dependency that readiness asks for; rejects where it cannot be used. */
export type Check = () => Promise<void>

export type Readiness = Readonly<Record<string, 'ok' | 'unavailable'>>

/** Milliseconds that a check may take before what it asks counts as away. */
const BOUND_MS = 5000
/** Milliseconds that an answer holds: anyone may ask, and must not make work by it. */
const HOLDS_MS = 1000

/**
 * Asks each dependency, at most one question at a time to each and within a bounded time, however many ask and however
 * long one hangs.
 */
export function createReadiness(
  checks: Readonly<Record<string, Check>>,
  { boundMs = BOUND_MS, holdsMs = HOLDS_MS } = {},
): () => Promise<Readiness> {
  const bounded = Object.entries(checks).map(([name, check]) => [name, boundedCheck(check, boundMs, holdsMs)] as const)
  return async () => {
    const entries = await Promise.all(
      bounded.map(async ([name, isOk]) => [name, (await isOk()) ? 'ok' : 'unavailable']),
    )
    return Object.fromEntries(entries) as Readiness
  }
}

function boundedCheck(check: Check, boundMs: number, holdsMs: number): () => Promise<boolean> {
  let asked: { readonly at: number; readonly isOk: Promise<boolean>; isOver: boolean } | undefined
  return async () => {
    const now = performance.now()
    if (asked === undefined || (asked.isOver && now - asked.at >= holdsMs)) {
      const isOk = check().then(
        () => true,
        () => false,
      )
      const asking = { at: now, isOk, isOver: false }
      asked = asking
      void isOk.then(() => (asking.isOver = true))
    }
    const { at, isOk } = asked
    const timer = new AbortController()
    const late = sleep(Math.max(0, at + boundMs - now), false, { signal: timer.signal, ref: false })
    late.catch(() => undefined)
    try {
      return await Promise.race([isOk, late])
    } finally {
      timer.abort()
    }
  }
}
