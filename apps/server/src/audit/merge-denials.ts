import type { UserId } from '@skycrate/core/naming/id'
import type { FastifyBaseLogger } from 'fastify'
import { AppError } from '../errors/app-error.ts'
import { addressGroup } from '../limits/address-group.ts'
import type { CallerLimits } from '../limits/caller-limits.ts'
import type { AuditLog, NewAuditEvent } from './audit-event.ts'

/** Milliseconds in which repeats of a denial are counted and not recorded. */
const WINDOW_MS = 60_000
/** Denials remembered at once; beyond it the oldest window ends early. */
const MAX_OPEN = 10_000
const SWEEP_MS = 1_000

interface Open {
  readonly until: number
  /** That of the first. */
  readonly durable: Promise<void>
  /** The newest repeat, and how many there were. */
  last: NewAuditEvent | undefined
  repeats: number
}

/** An audit log, and what ends it: everything that was counted is then recorded. */
export interface MergedAuditLog extends AuditLog, AsyncDisposable {}

/**
 * Keeps refused requests from filling the disk. The first denial is durable before it is answered; repeats of it (the same
 * caller, action, reason and place) are counted for a minute and recorded as one event with a count. Different denials of
 * one caller are recorded up to a rate; beyond it the caller is told to wait, and that is one event a minute.
 */
export function mergeDenials(options: {
  readonly log: AuditLog
  readonly limits: Pick<CallerLimits, 'denial'>
  readonly logger: FastifyBaseLogger
  readonly now: () => number
}): MergedAuditLog {
  const { log, limits, logger, now } = options
  // In the order of their ends, since every window is as long.
  const open = new Map<string, Open>()

  function recordRepeats({ last, repeats }: Open): Promise<void> {
    if (last === undefined) return Promise.resolve()
    return log.record({ ...last, count: repeats }).catch((error: unknown) => {
      logger.error({ err: error, action: last.action, count: repeats }, 'repeated denials could not be recorded')
    })
  }

  function close(name: string, entry: Open): Promise<void> {
    open.delete(name)
    return recordRepeats(entry)
  }

  function sweep(time: number): void {
    for (const [name, entry] of open) {
      if (entry.until > time) break
      void close(name, entry)
    }
  }
  const timer = setInterval(() => sweep(now()), SWEEP_MS)
  timer.unref()

  /** The first of its window goes to the log at once. */
  function recordFirst(name: string, event: NewAuditEvent, time: number): Promise<void> {
    if (open.size >= MAX_OPEN) {
      const [oldest, entry] = open.entries().next().value!
      void close(oldest, entry)
    }
    const durable = log.record(event)
    open.set(name, { until: time + WINDOW_MS, durable, last: undefined, repeats: 0 })
    // The next one is then the first.
    durable.catch(() => open.delete(name))
    return durable
  }

  function merge(name: string, event: NewAuditEvent, time: number): Promise<void> | undefined {
    const entry = open.get(name)
    if (entry === undefined) return undefined
    if (entry.until <= time) {
      void close(name, entry)
      return undefined
    }
    entry.last = event
    entry.repeats++
    return entry.durable
  }

  /** One event a minute for each caller that is told to wait, however often. */
  async function throttle(event: NewAuditEvent, limit: string, retryAfter: number): Promise<never> {
    const { origin } = event
    await record({
      action: 'request.throttle',
      outcome: 'deny',
      userId: callerOf(event).userId,
      bucket: null,
      key: null,
      reason: 'throttled',
      detail: { limit },
      origin,
    })
    throw new AppError('too-many-requests', 'Too many of your requests were refused. Wait before the next.', {
      retryAfter,
    })
  }

  function record(event: NewAuditEvent): Promise<void> {
    if (event.outcome !== 'deny') return log.record(event)
    const time = now()
    const name = nameOf(event)
    const merged = merge(name, event, time)
    if (merged !== undefined) return merged
    if (event.reason !== 'throttled') {
      const wait = limits.denial(callerOf(event))
      if (wait > 0) return throttle(event, 'denials', wait)
    }
    return recordFirst(name, event, time)
  }

  return {
    record,
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await Promise.all(Array.from(open, ([name, entry]) => close(name, entry)))
    },
  }
}

/** Whose refusals count together. Whoever tries to sign in as a user is not that user: there it is the network. */
function callerOf({ action, userId, origin }: NewAuditEvent): { userId: UserId | null; ip: string | null } {
  return { userId: action === 'auth.login' || action === 'auth.refresh' ? null : userId, ip: origin.ip }
}

/** The same text for denials that are told as one. */
function nameOf(event: NewAuditEvent): string {
  const { action, reason, userId, targetUserId, store, bucket, key, detail, origin } = event
  const caller = callerOf(event)
  const from = caller.userId ?? addressGroup(origin.ip)
  return JSON.stringify([action, reason, userId, from, targetUserId, store, bucket, key, origin.door, detail])
}
