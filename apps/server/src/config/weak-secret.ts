/** 32 random hexadecimal digits have 128 bits by this count, less what chance repeats; a pattern has far fewer. */
const LEAST_BITS = 80

/**
 * Whether a secret can be guessed by its look: one character over and over, a short pattern, a run along the alphabet or
 * the keyboard's digits. No count can tell that a secret is random; this tells that it is not.
 */
export function isWeakSecret(secret: string): boolean {
  return shannonBits(secret) < LEAST_BITS || isPeriodic(secret) || isSequence(secret)
}

function shannonBits(text: string): number {
  const characters = Array.from(text)
  const counts = Map.groupBy(characters, (character) => character).values()
  let bits = 0
  for (const { length } of counts) bits -= length * Math.log2(length / characters.length)
  return bits
}

/** A block of at most half its length, again and again: it is found once more in itself before its end. */
function isPeriodic(text: string): boolean {
  const period = (text + text).indexOf(text, 1)
  if (period <= text.length / 2) return true
  for (let length = 1; length <= text.length / 2; length++) {
    if (text.slice(length) === text.slice(0, -length)) return true
  }
  return false
}

/** Mostly neighbours: `abcdef…`, `987654…`. */
function isSequence(text: string): boolean {
  let neighbours = 0
  for (let i = 1; i < text.length; i++) {
    if (Math.abs(text.charCodeAt(i) - text.charCodeAt(i - 1)) <= 1) neighbours += 1
  }
  return neighbours > text.length / 2
}
