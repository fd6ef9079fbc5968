/** A question to the person, asked over whatever page stands: that they prove anew who they are. */
export interface IdentityCheck {
  readonly subscribe: (listener: () => void) => () => void
  readonly isOn: () => boolean
  /** @returns whether the person did; one question however many ask */
  ask(): Promise<boolean>
  /** Called by the dialog. */
  end(proven: boolean): void
}

export function createIdentityCheck(): IdentityCheck {
  const listeners = new Set<() => void>()
  let asked: PromiseWithResolvers<boolean> | undefined
  const tell = (): void => listeners.forEach((listener) => listener())
  return {
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    isOn: () => asked !== undefined,
    ask() {
      if (asked === undefined) {
        asked = Promise.withResolvers<boolean>()
        tell()
      }
      return asked.promise
    },
    end(proven) {
      asked?.resolve(proven)
      asked = undefined
      tell()
    },
  }
}
