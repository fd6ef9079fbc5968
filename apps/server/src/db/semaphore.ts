/** Lets `width` at once through; the others wait in order. */
export interface Semaphore {
  /** @throws what `refuse` makes after `patience` milliseconds of waiting */
  enter(patience: number, refuse: () => Error): Promise<Disposable>
}

export function createSemaphore(width: number): Semaphore {
  let inside = 0
  const waiting: (() => void)[] = []

  function pass(): Disposable {
    inside += 1
    let left = false
    return {
      [Symbol.dispose]() {
        if (left) return
        left = true
        inside -= 1
        waiting.shift()?.()
      },
    }
  }

  return {
    enter(patience, refuse) {
      if (inside < width) return Promise.resolve(pass())
      return new Promise((resolve, reject) => {
        const admit = (): void => {
          clearTimeout(timer)
          resolve(pass())
        }
        const timer = setTimeout(() => {
          waiting.splice(waiting.indexOf(admit), 1)
          reject(refuse())
        }, patience)
        waiting.push(admit)
      })
    },
  }
}
