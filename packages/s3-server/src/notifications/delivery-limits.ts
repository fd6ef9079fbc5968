import type { RetryPace } from './retry-delay.ts'

/** Bounds of what is kept for webhooks and how it is sent. */
export interface DeliveryLimits {
  /** Milliseconds for which an event is tried. */
  readonly maxAge: number
  /** Events that may wait for one webhook; the oldest give way to new ones. */
  readonly maxWaiting: number
  /** Milliseconds that one answer may take. */
  readonly timeout: number
  /** Events in one message. */
  readonly batch: number
  readonly pace: RetryPace
}

export const DELIVERY_LIMITS: DeliveryLimits = {
  maxAge: 86_400_000,
  maxWaiting: 100_000,
  timeout: 10_000,
  batch: 100,
  pace: { first: 1000, most: 300_000 },
}
