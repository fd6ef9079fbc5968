/** The last part of a key; of a folder without its '/'. */
export function nameOfKey(key: string): string {
  const end = key.endsWith('/') ? key.length - 1 : key.length
  return key.slice(key.lastIndexOf('/', end - 1) + 1, end)
}

/** As names and what is searched are compared: in one case, and `é` the same however it is written. */
export const folded = (text: string): string => text.normalize('NFC').toLowerCase()

/** Letters from which on a part of a word is found anywhere in a name. */
const ANYWHERE = 3

/**
 * LIKE patterns for each word, of which one has to match. One or two letters are found at the beginning of a name and
 * after a space, as an index of trigrams can; in scripts that write words in one or two signs, anywhere.
 */
export function patternsOf(query: string): string[][] {
  const words = folded(query)
    .split(/\s+/)
    .filter((word) => word !== '')
  return words.map((word) => {
    const literal = word.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)
    const isShort = word.length < ANYWHERE && /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\d]+$/u.test(word)
    return isShort ? [`${literal}%`, `% ${literal}%`] : [`%${literal}%`]
  })
}
