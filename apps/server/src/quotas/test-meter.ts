import type { Meter } from './meter.ts'

/** Where there are no quotas. */
export const NO_QUOTAS: Meter = {
  isOn: () => false,
  reserve: (_place, _bytes, until) => Promise.resolve(until),
  hold: () => Promise.resolve(),
  watch: () => Promise.resolve(),
  settle: () => Promise.resolve(),
  requireWithin: () => Promise.resolve(),
  requireRoom: () => Promise.resolve(),
  recountSoon: () => Promise.resolve(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
}
