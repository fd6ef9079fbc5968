import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { EVENT_LANES } from '../store/tables/event-table.ts'
import type { Store } from '../store/store.ts'
import type { DeliveryLimits } from './delivery-limits.ts'
import type { DeliveryNote } from './delivery-note.ts'
import { writeEventMessage } from './event-message.ts'
import type { EventSource } from './event-message.ts'
import { ParkedPlaces } from './parked-places.ts'
import { postMessage } from './post-message.ts'
import type { QueuedEvent } from '../events/queued-event.ts'
import { retryDelay } from './retry-delay.ts'
import { messageHeaders } from './sign-message.ts'
import type { Webhook } from './webhook.ts'

export interface SenderOptions {
  readonly store: Store
  readonly source: EventSource
  readonly limits: DeliveryLimits
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** From 0 to 1. */
  readonly random: () => number
  readonly note: (note: DeliveryNote) => void
  /** Nothing new is sent from then on. */
  readonly stopping: AbortSignal
  /** Ends what is under way too. */
  readonly cut: AbortSignal
}

/** Statuses that are about what was sent: other events may be taken. Any other failure is the webhook's. */
const REFUSALS = new Set([400, 406, 409, 413, 415, 422])
/** Keys that may be parked in one lane; with more the lane waits for them. */
const MAX_PARKED = 64
/** Events that are looked at for ones that may go. */
const MAX_LOOK = 1000

type Outcome =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string }

interface Lane {
  readonly number: number
  readonly parked: ParkedPlaces
  /** Events in a message at most: fewer after a refusal, to find the one that is refused. */
  limit: number
  isRunning: boolean
  /** Whether there may be events that the lane has not seen. */
  isWoken: boolean
  /** Ends its rest. */
  rouse: () => void
}

const placeOf = ({ details }: QueuedEvent): string =>
  details.kind === 'test' ? `${details.bucket}/` : `${details.bucket}/${details.event.key}`

const describe = (error: unknown): string => {
  const { code, message, cause } = error as { code?: string; message?: string; cause?: { name?: string } }
  return cause?.name === 'TimeoutError' ? 'no answer in time' : (code ?? message ?? 'unknown')
}

/**
 * Sends the events that wait for one webhook: in each of its lanes one message at a time, what is oldest first. When the
 * webhook fails, all lanes rest, longer each time, and one alone tries whether it is back.
 */
export class WebhookSender {
  readonly #webhook: Webhook
  readonly #url: URL
  readonly #agent: HttpAgent
  readonly #options: SenderOptions
  readonly #lanes: readonly Lane[]
  readonly #running = new Set<Promise<void>>()
  readonly #inFlight = new Set<number>()
  #failures = 0
  #restUntil = 0
  #probe: Promise<void> | undefined
  #delivered = 0
  #failed = 0

  constructor(webhook: Webhook, options: SenderOptions) {
    this.#webhook = webhook
    this.#url = new URL(webhook.url)
    this.#options = options
    const Agent = this.#url.protocol === 'https:' ? HttpsAgent : HttpAgent
    this.#agent = new Agent({ keepAlive: true, maxSockets: EVENT_LANES })
    this.#lanes = Array.from({ length: EVENT_LANES }, (_, number) => ({
      number,
      parked: new ParkedPlaces(),
      limit: options.limits.batch,
      isRunning: false,
      isWoken: false,
      rouse: () => {},
    }))
  }

  /** Since the start: events delivered, and messages that failed. */
  get counts(): { readonly delivered: number; readonly failed: number } {
    return { delivered: this.#delivered, failed: this.#failed }
  }

  isInFlight(sequence: number): boolean {
    return this.#inFlight.has(sequence)
  }

  /** There may be new events in a lane, or in any. */
  wake(only?: number): void {
    for (const lane of this.#lanes) {
      if (only !== undefined && lane.number !== only) continue
      lane.isWoken = true
      lane.rouse()
      if (lane.isRunning || this.#options.stopping.aborted) continue
      lane.isRunning = true
      const run = this.#runLane(lane).finally(() => this.#running.delete(run))
      this.#running.add(run)
    }
  }

  /** Once `stopping` is aborted: resolves when nothing is under way any more. */
  async close(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
    this.#agent.destroy()
  }

  /** Sends until nothing waits in the lane. Never rejects. */
  async #runLane(lane: Lane): Promise<void> {
    const { stopping } = this.#options
    let done: readonly QueuedEvent[] = []
    while (!stopping.aborted || done.length > 0) {
      lane.isWoken = false
      let events = await this.#read(lane, done)
      if (events === undefined) {
        // The index can't be written, on a full disk for example. What was sent is not sent again before it is removed.
        if (stopping.aborted) return
        await this.#rest(lane, this.#options.limits.pace.first)
        continue
      }
      done = []
      if (stopping.aborted) return
      if (events.length === 0) {
        const due = lane.parked.nextDue()
        if (due !== undefined) await this.#rest(lane, due - performance.now())
        else if (!lane.isWoken) {
          // At once: a wake that comes from here on starts it again.
          lane.isRunning = false
          return
        }
        continue
      }
      const end = await this.#awaitTurn()
      if (end === undefined) return
      // Those read before may have been dropped while the webhook rested.
      if (end !== PASS) events = (await this.#read(lane, [])) ?? []
      const outcome = events.length === 0 ? undefined : await this.#send(events)
      if (outcome !== undefined) done = this.#settle(lane, events, outcome)
      end()
    }
  }

  /** Removes what is done and finds what goes next; undefined when the index fails. */
  async #read(lane: Lane, done: readonly QueuedEvent[]): Promise<readonly QueuedEvent[] | undefined> {
    const { events, index } = this.#options.store
    try {
      // In a write: what it sees is durable once it is done, and so are the changes that are told.
      return await index.write(() => {
        events.remove(done.map(({ sequence }) => sequence))
        return this.#choose(lane)
      })
    } catch {
      return undefined
    }
  }

  /** What one message tells next: the oldest events that need not wait. */
  #choose({ number, parked, limit }: Lane): readonly QueuedEvent[] {
    const { events } = this.#options.store
    const now = performance.now()
    const isFull = parked.size >= MAX_PARKED
    const chosen: QueuedEvent[] = []
    const seen = new Set<string>()
    let after = 0
    for (let looked = 0; looked < MAX_LOOK;) {
      const page = events.next(this.#webhook.name, number, after, limit)
      for (const event of page) {
        const place = placeOf(event)
        const isAlone = parked.isDue(place, now) || event.details.kind === 'test'
        const mustWait = (isFull || parked.has(place)) && !parked.isDue(place, now)
        if (mustWait) seen.add(place)
        else if (isAlone) return chosen.length === 0 ? [event] : chosen
        else chosen.push(event)
        if (chosen.length === limit) return chosen
        after = event.sequence
      }
      if (page.length < limit) {
        if (chosen.length === 0) parked.keep((place) => seen.has(place))
        return chosen
      }
      looked += page.length
    }
    return chosen
  }

  async #send(events: readonly QueuedEvent[]): Promise<Outcome> {
    const { source, now, cut, limits } = this.#options
    const body = writeEventMessage(events, source)
    for (const { sequence } of events) this.#inFlight.add(sequence)
    try {
      const status = await postMessage(this.#url, body, {
        headers: messageHeaders(body, this.#webhook.secret, now()),
        agent: this.#agent,
        signal: AbortSignal.any([cut, AbortSignal.timeout(limits.timeout)]),
      })
      if (status >= 200 && status < 300) return { kind: 'delivered' }
      return { kind: REFUSALS.has(status) ? 'refused' : 'failed', reason: `status ${status}` }
    } catch (error) {
      return { kind: 'failed', reason: describe(error) }
    } finally {
      for (const { sequence } of events) this.#inFlight.delete(sequence)
    }
  }

  /** What is over and can be removed. */
  #settle(lane: Lane, events: readonly QueuedEvent[], outcome: Outcome): readonly QueuedEvent[] {
    const { limits, note, random, stopping } = this.#options
    const [first] = events
    if (first === undefined) return []
    if (outcome.kind === 'delivered') {
      this.#delivered += events.length
      lane.limit = Math.min(limits.batch, lane.limit * 2)
      lane.parked.release(placeOf(first))
      if (this.#failures > 0) note({ kind: 'recovered', webhook: this.#webhook.name })
      this.#failures = 0
      return events
    }
    // Cut off by the end of the server: it says nothing of the webhook.
    if (stopping.aborted) return []
    this.#failed += 1
    const now = performance.now()
    if (outcome.kind === 'refused') {
      if (this.#failures > 0) note({ kind: 'recovered', webhook: this.#webhook.name })
      this.#failures = 0
      if (events.length > 1) lane.limit = Math.ceil(events.length / 2)
      else {
        if (!this.#lanes.some(({ parked }) => parked.size > 0)) this.#noteFailing(outcome.reason)
        lane.parked.park(placeOf(first), now, limits.pace, random())
      }
      return []
    }
    // Those that were under way together have failed once.
    if (now >= this.#restUntil) {
      if (this.#failures === 0) this.#noteFailing(outcome.reason)
      this.#failures += 1
      this.#restUntil = now + retryDelay(this.#failures, limits.pace, random())
    }
    return []
  }

  #noteFailing(reason: string): void {
    this.#options.note({ kind: 'failing', webhook: this.#webhook.name, reason })
  }

  /** Waits until the lane may send; gives what ends its turn, undefined when the server stops. */
  async #awaitTurn(): Promise<(() => void) | undefined> {
    const { stopping } = this.#options
    while (!stopping.aborted) {
      if (this.#failures === 0) return PASS
      if (this.#probe !== undefined) {
        await this.#probe
        continue
      }
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#probe = promise
      const end = (): void => {
        this.#probe = undefined
        resolve()
      }
      await this.#pause(this.#restUntil - performance.now(), () => {})
      if (!stopping.aborted) return end
      end()
    }
    return undefined
  }

  /** As `#pause`, ended by a wake too. */
  async #rest(lane: Lane, milliseconds: number): Promise<void> {
    if (lane.isWoken) return
    await this.#pause(milliseconds, (rouse) => {
      lane.rouse = rouse
    })
    lane.rouse = () => {}
  }

  /** Resolves after a time, or when the server stops. */
  #pause(milliseconds: number, onRouse: (rouse: () => void) => void): Promise<void> {
    const { stopping } = this.#options
    return new Promise((resolve) => {
      const rouse = (): void => {
        clearTimeout(timer)
        stopping.removeEventListener('abort', rouse)
        resolve()
      }
      const timer = setTimeout(rouse, Math.max(0, milliseconds))
      stopping.addEventListener('abort', rouse)
      if (stopping.aborted) rouse()
      onRouse(rouse)
    })
  }
}

const PASS = (): void => {}
