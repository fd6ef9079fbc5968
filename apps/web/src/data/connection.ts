/** Milliseconds between two questions to a server that did not answer. */
const ASK_AGAIN = 3_000

/** Whether the server answers, as far as the page's own requests have shown. */
export interface Connection {
  /** The global `fetch`, watched. */
  readonly fetch: typeof fetch
  readonly subscribe: (listener: () => void) => () => void
  readonly isLost: () => boolean
  /** Asks now. Where it is lost, it is asked again and again by itself. */
  ask(): Promise<void>
}

/** @param onBack called when the server answers again */
export function createConnection(onBack: () => void): Connection {
  const listeners = new Set<() => void>()
  let lost = false
  let timer: ReturnType<typeof setTimeout> | undefined

  const tell = (now: boolean): void => {
    if (now === lost) return
    lost = now
    for (const listener of listeners) listener()
    if (!now) onBack()
  }
  const askLater = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => void ask(), ASK_AGAIN)
  }
  const ask = async (): Promise<void> => {
    clearTimeout(timer)
    try {
      await fetch('/healthz', { cache: 'no-store', credentials: 'omit' })
      tell(false)
    } catch {
      tell(true)
      askLater()
    }
  }

  return {
    async fetch(input, init) {
      try {
        return await fetch(input, init)
      } catch (error) {
        // What was aborted says nothing of the server, and what goes to the store nothing of this one.
        if (!init?.signal?.aborted && isOwn(input)) void ask()
        throw error
      }
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    isLost: () => lost,
    ask,
  }
}

function isOwn(input: RequestInfo | URL): boolean {
  const url = new URL(input instanceof Request ? input.url : input, location.href)
  return url.origin === location.origin
}
