/** Bounds how many requests send bytes at once; the others wait in turn. */
export interface Slots {
  /**
   * @param leave how many slots have to stay free for others
   * @throws what the work throws; the signal's reason, also while it waits
   */
  within<T>(signal: AbortSignal, leave: number, work: () => Promise<T>): Promise<T>
}

export function createSlots(count: number): Slots {
  let free = count
  const waiting: { readonly leave: number; readonly enter: () => void }[] = []
  const admit = (): void => {
    for (let [next] = waiting; next && free > next.leave; [next] = waiting) {
      waiting.shift()
      free -= 1
      next.enter()
    }
  }
  return {
    async within(signal, leave, work) {
      await new Promise<void>((enter) => {
        waiting.push({ leave, enter })
        admit()
      })
      try {
        signal.throwIfAborted()
        return await work()
      } finally {
        free += 1
        admit()
      }
    },
  }
}
