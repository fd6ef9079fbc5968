import type { RateLimit } from './minimum-rate.ts'

/** How slow a client may be, in each state that its connection can be in. Times are in milliseconds. */
export interface ClientLimits {
  /** Until a whole head has come: from the connection's beginning, and from the end of the request before. */
  readonly head: number
  /** Between two pieces of a body that is being read. */
  readonly silence: number
  /** For what is left of a body after its request was answered. */
  readonly drain: number
  /** How fast a body must come, and how fast an answer must be taken. */
  readonly rate: RateLimit
}

export const CLIENT_LIMITS: ClientLimits = {
  head: 35_000,
  silence: 60_000,
  drain: 20_000,
  rate: { bytesPerSecond: 1024, window: 30_000 },
}
