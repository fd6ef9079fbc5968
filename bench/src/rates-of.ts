/** How often a second something can be done: the median of rounds, after one that warms up. */
export async function ratesOf(rounds: number, count: number, work: (i: number) => unknown): Promise<number> {
  const rates: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const start = performance.now()
    for (let i = 0; i < count; i++) {
      const result = work(i)
      if (result instanceof Promise) await result
    }
    if (round > 0) rates.push(count / ((performance.now() - start) / 1000))
  }
  return rates.toSorted((a, b) => a - b)[Math.floor(rates.length / 2)]!
}
