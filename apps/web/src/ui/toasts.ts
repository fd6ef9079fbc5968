export interface Toast {
  readonly id: number
  readonly message: string
  /** Takes back what the toast tells of. */
  readonly undo: (() => void | Promise<void>) | undefined
}

/** Short notices of what was done, one after another. */
export interface Toasts {
  show(message: string, options?: { readonly undo?: () => void | Promise<void> }): void
  close(id: number): void
  readonly subscribe: (listener: () => void) => () => void
  /** The one to show now. */
  readonly current: () => Toast | undefined
}

export function createToasts(): Toasts {
  const listeners = new Set<() => void>()
  let queue: readonly Toast[] = []
  let count = 0
  const change = (next: readonly Toast[]): void => {
    queue = next
    for (const listener of listeners) listener()
  }
  return {
    show(message, { undo } = {}) {
      count += 1
      change([...queue, { id: count, message, undo }])
    },
    close: (id) => change(queue.filter((each) => each.id !== id)),
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    current: () => queue[0],
  }
}
