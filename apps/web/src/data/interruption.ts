/**
 * A session that ended elsewhere (it was revoked, or signed out in another tab) while this page was in use. The page stays
 * as it is, with what was chosen and typed, until somebody signs in again.
 */
export interface Interruption {
  readonly subscribe: (listener: () => void) => () => void
  readonly isOn: () => boolean
  begin(): void
  end(): void
}

export function createInterruption(): Interruption {
  const listeners = new Set<() => void>()
  let on = false
  const set = (next: boolean): void => {
    on = next
    for (const listener of listeners) listener()
  }
  return {
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    isOn: () => on,
    begin: () => set(true),
    end: () => set(false),
  }
}
