/** Lets a few go on at once; others wait, and come in the order in which they asked. */
export class Turns {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
  }

  /** Whether a turn can be had without waiting for it. */
  get isFree(): boolean {
    return this.#free > 0
  }

  /** Waits for a turn, which ends when it is disposed. One that is free is taken at once. */
  async take(): Promise<Disposable> {
    if (this.#free > 0) this.#free -= 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    let hasEnded = false
    return {
      [Symbol.dispose]: () => {
        if (hasEnded) return
        hasEnded = true
        const next = this.#waiting.shift()
        if (next === undefined) this.#free += 1
        else next()
      },
    }
  }
}
