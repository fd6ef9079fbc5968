/** Milliseconds after which another letter begins a new word. */
const PAUSE = 1_000

/** Finds rows by the first letters of their names, as a person types them. One letter again goes to the next row with it. */
export function createTypeAhead(): {
  /** Whether letters are being typed: then a space is one of them. */
  readonly isTyping: (now: number) => boolean
  /**
   * @param from the row that has the focus; -1 for none
   * @param now milliseconds, of any clock that does not go back
   * @returns the row to go to; undefined where none begins like this
   */
  readonly find: (letter: string, from: number, names: readonly string[], now: number) => number | undefined
} {
  let typed = ''
  let at = -Infinity
  const isTyping = (now: number): boolean => typed !== '' && now - at < PAUSE
  return {
    isTyping,
    find(letter, from, names, now) {
      typed = isTyping(now) ? typed + folded(letter) : folded(letter)
      at = now
      const isRepeated = /^(.)\1*$/u.test(typed)
      // A longer word may stay where it is.
      const wanted = isRepeated ? (/^./u.exec(typed)?.[0] ?? '') : typed
      const start = isRepeated ? from + 1 : Math.max(from, 0)
      for (let step = 0; step < names.length; step++) {
        const index = (start + step) % names.length
        if (folded(names[index] ?? '').startsWith(wanted)) return index
      }
      return undefined
    },
  }
}

const folded = (text: string): string => text.normalize('NFC').toLocaleLowerCase()
