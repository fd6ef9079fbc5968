import type { EventPlace } from '../store/tables/event-table.ts'
import type { Store } from '../store/store.ts'
import type { DeliveryLimits } from './delivery-limits.ts'
import type { DeliveryNote, DropReason } from './delivery-note.ts'
import type { EventSource } from './event-message.ts'
import { WebhookSender } from './webhook-sender.ts'
import type { Webhook } from './webhook.ts'

export interface DeliveryOptions {
  readonly webhooks: readonly Webhook[]
  readonly source: EventSource
  readonly limits: DeliveryLimits
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** From 0 to 1. */
  readonly random: () => number
  readonly onNote: ((note: DeliveryNote) => void) | undefined
}

/** How it stands with one webhook: what waits, and what became of the others since the start. */
export interface DeliveryStatus {
  readonly webhook: string
  readonly waiting: number
  /** Of the oldest that waits, in milliseconds. */
  readonly oldestAge: number
  readonly delivered: number
  /** Messages that were not taken. */
  readonly failed: number
  readonly dropped: Readonly<Record<DropReason, number>>
}

export interface Deliveries {
  status(): readonly DeliveryStatus[]
  /** Gives up what is too old or too much, as happens by itself every minute. */
  sweep(): Promise<void>
  /** Lets messages under way come to their end, for a little while; what waits is sent after the next start. */
  stop(): Promise<void>
}

const SWEEP_EVERY = 60_000
const SWEEP_STEP = 1000
/** Milliseconds that a message under way gets when the server stops. */
const GRACE = 2000

/** Sends to webhooks what the index has for them, from now on and what was left by the last run. */
export const startDeliveries = (store: Store, options: DeliveryOptions): Deliveries => {
  const { webhooks, source, limits, now, random } = options
  const { events, index } = store
  const stopping = new AbortController()
  const cut = new AbortController()
  const dropped = new Map<string, Record<DropReason, number>>()
  const droppedOf = (webhook: string): Record<DropReason, number> => dropped.get(webhook) ?? { age: 0, room: 0 }
  const note = (told: DeliveryNote): void => options.onNote?.(told)
  const senders = new Map(
    webhooks.map((webhook) => [
      webhook.name,
      new WebhookSender(webhook, {
        store,
        source,
        limits,
        now,
        random,
        note,
        stopping: stopping.signal,
        cut: cut.signal,
      }),
    ]),
  )

  const drop = (webhook: string, places: readonly EventPlace[]): number => {
    const gone = places
      .map(({ sequence }) => sequence)
      .filter((sequence) => !senders.get(webhook)?.isInFlight(sequence))
    events.remove(gone)
    return gone.length
  }
  /** In steps, so that requests go on between them. */
  const dropAll = async (webhook: string, reason: DropReason, choose: () => readonly EventPlace[]): Promise<void> => {
    let count = 0
    let step: number
    do {
      step = await index.write(() => drop(webhook, choose()))
      count += step
    } while (step === SWEEP_STEP)
    if (count === 0) return
    const counts = droppedOf(webhook)
    dropped.set(webhook, { ...counts, [reason]: counts[reason] + count })
    note({ kind: 'dropped', webhook, reason, count })
  }
  const sweepOnce = async (): Promise<void> => {
    for (const webhook of events.webhooks()) {
      await dropAll(webhook, 'age', () => {
        const before = now() - limits.maxAge
        const { oldestAt = Infinity } = events.waiting(webhook) ?? {}
        return oldestAt <= before ? events.oldest(webhook, SWEEP_STEP).filter(({ at }) => at <= before) : []
      })
      await dropAll(webhook, 'room', () => {
        const excess = (events.waiting(webhook)?.count ?? 0) - limits.maxWaiting
        return excess > 0 ? events.oldest(webhook, Math.min(excess, SWEEP_STEP)) : []
      })
    }
  }
  let last: Promise<void> = Promise.resolve()
  const sweep = (): Promise<void> => {
    const round = last.then(sweepOnce)
    // What fails now is due again at the next sweep.
    last = round.catch(() => undefined)
    return round
  }
  const sweepQuietly = (): void => void sweep().catch(() => undefined)

  let raised = 0
  events.listen((webhook, lane) => {
    senders.get(webhook)?.wake(lane)
    raised += 1
    // One in a hundred more than may wait, at most, before it is looked at.
    if (raised < limits.maxWaiting / 100) return
    raised = 0
    sweepQuietly()
  })
  for (const sender of senders.values()) sender.wake()
  const timer = setInterval(sweepQuietly, SWEEP_EVERY)
  timer.unref()

  return {
    status: () => {
      const names = new Set([...senders.keys(), ...events.webhooks()])
      return [...names].map((webhook) => {
        const { count = 0, oldestAt } = events.waiting(webhook) ?? {}
        const { delivered = 0, failed = 0 } = senders.get(webhook)?.counts ?? {}
        const oldestAge = oldestAt === undefined ? 0 : Math.max(0, now() - oldestAt)
        return { webhook, waiting: count, oldestAge, delivered, failed, dropped: droppedOf(webhook) }
      })
    },
    sweep,
    stop: async () => {
      clearInterval(timer)
      stopping.abort()
      const end = setTimeout(() => {
        cut.abort()
      }, GRACE)
      await Promise.all([...senders.values()].map((sender) => sender.close()))
      clearTimeout(end)
      await last
    },
  }
}
