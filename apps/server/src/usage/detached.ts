/**
 * A copy that keeps nothing else in memory: a part of a text keeps all of it, and a key that is kept came out of a page of a
 * listing or a block of a file.
 */
export const detached = (text: string): string => Buffer.from(text).toString()
