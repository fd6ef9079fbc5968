/** Milliseconds over which speed is measured. */
const WINDOW = 6_000

/** How fast bytes leave, over the last seconds. */
export interface Speed {
  /** @param total bytes sent since the beginning. @returns bytes a second */
  at(now: number, total: number): number
}

export function createSpeed(): Speed {
  let samples: readonly (readonly [at: number, total: number])[] = []
  return {
    at(now, total) {
      // What was sent in vain is taken back: then measuring begins anew.
      if ((samples.at(-1)?.[1] ?? 0) > total) samples = []
      samples = [...samples.filter(([at]) => now - at <= WINDOW), [now, total]]
      const [first] = samples
      return first && now > first[0] ? ((total - first[1]) / (now - first[0])) * 1000 : 0
    },
  }
}
