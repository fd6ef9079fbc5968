/** By UTF-8 bytes, as S3 orders keys; JavaScript's own order differs beyond U+FFFF. */
export const compareKeys = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** The first text after `text` in the order of UTF-8 bytes. */
export const justAfter = (text: string): string => `${text}\0`

/**
 * The first text, in the order of UTF-8 bytes (which is that of code points), after all texts that start with `prefix`;
 * undefined when there is none.
 */
export const afterPrefix = (prefix: string): string | undefined => {
  for (let end = prefix.length; end > 0;) {
    const start = end > 1 && (prefix.codePointAt(end - 2) ?? 0) > 0xffff ? end - 2 : end - 1
    const point = prefix.codePointAt(start)!
    // Surrogates are no characters of their own.
    if (point < 0x10ffff) return prefix.slice(0, start) + String.fromCodePoint(point === 0xd7ff ? 0xe000 : point + 1)
    end = start
  }
  return undefined
}
