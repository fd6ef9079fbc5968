/** By UTF-8 bytes, as S3 orders keys; JavaScript's own order differs beyond U+FFFF. */
export const compareKeys = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** The first text after `text` in the order of UTF-8 bytes. */
export const justAfter = (text: string): string => `${text}\0`

/**
 * The first text, in the order of UTF-8 bytes (which is that of code points), after all texts that start with `prefix`;
 * undefined when there is none.
 */
export const afterPrefix = (prefix: string): string | undefined => {
  const points = Array.from(prefix)
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const point = last.codePointAt(0)!
    // Surrogates are no characters of their own.
    if (point < 0x10ffff) return points.join('') + String.fromCodePoint(point === 0xd7ff ? 0xe000 : point + 1)
  }
  return undefined
}
