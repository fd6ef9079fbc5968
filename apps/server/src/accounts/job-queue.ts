/** Runs the job when its turn comes; rejects with what the job rejects with, or at once when the queue is full. */
export type JobQueue = <T>(job: () => Promise<T>) => Promise<T>

/**
 * Runs a few jobs at once and lets a few more wait, in the order of their arrival.
 * @param refusal the error for a job that finds no place to wait
 */
export function createJobQueue(maxRunning: number, maxWaiting: number, refusal: () => Error): JobQueue {
  const waiting: (() => void)[] = []
  let running = 0

  async function enter(): Promise<void> {
    if (running < maxRunning) {
      running += 1
      return
    }
    if (waiting.length >= maxWaiting) throw refusal()
    // Who leaves hands its place on, so that nobody slips in between.
    await new Promise<void>((resolve) => waiting.push(resolve))
  }

  function leave(): void {
    const next = waiting.shift()
    if (next) next()
    else running -= 1
  }

  return async (job) => {
    await enter()
    try {
      return await job()
    } finally {
      leave()
    }
  }
}
