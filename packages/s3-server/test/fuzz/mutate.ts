import type { Random } from '../property/random.ts'

const INTERESTING = [
  '\0',
  '\r\n',
  '\n',
  '<',
  '>',
  '&',
  '"',
  "'",
  '%',
  '%00',
  '%zz',
  '+',
  '=',
  ';',
  ':',
  ',',
  '/',
  '-1',
  '0',
]
const NUMBERS = ['-1', '0', '00', '2147483648', '9007199254740993', '99999999999999999999', '1e3', '0x10', 'NaN', '١']
const ODD = [
  'é',
  '\u{1f600}',
  '\u202e',
  '\ufeff',
  '\ud800',
  'A'.repeat(5000),
  '../'.repeat(50),
  '${jndi:x}',
  '__proto__',
]

/** A text that something may stumble over. */
export const oddText = (random: Random): string =>
  random.weighted([
    [4, random.pick(INTERESTING)],
    [3, random.pick(NUMBERS)],
    [2, random.pick(ODD)],
    [1, random.bytes(random.int(20)).toString('latin1')],
  ])

const splice = (bytes: Buffer, start: number, end: number, middle: Buffer): Buffer =>
  Buffer.concat([bytes.subarray(0, start), middle, bytes.subarray(end)])

const mutateOnce = (random: Random, bytes: Buffer, words: readonly string[]): Buffer => {
  const at = random.int(bytes.length + 1)
  const to = Math.min(bytes.length, at + 1 + random.int(random.chance(0.2) ? bytes.length + 1 : 8))
  return random.weighted<() => Buffer>([
    // One bit, a cut, a gap, a repetition, something odd, something that belongs elsewhere.
    [
      4,
      () => {
        const copy = Buffer.from(bytes)
        if (at < copy.length) copy.writeUInt8(copy.readUInt8(at) ^ (1 << random.int(8)), at)
        return copy
      },
    ],
    [2, () => bytes.subarray(0, at)],
    [3, () => splice(bytes, at, to, Buffer.alloc(0))],
    [2, () => splice(bytes, at, at, bytes.subarray(at, to))],
    [4, () => splice(bytes, at, random.chance(0.5) ? at : to, Buffer.from(oddText(random)))],
    [4, () => splice(bytes, at, random.chance(0.5) ? at : to, Buffer.from(random.pick(words)))],
  ])()
}

/** Bytes with a few changes. */
export const mutate = (random: Random, bytes: Buffer, words: readonly string[] = INTERESTING): Buffer => {
  let mutated = bytes
  for (let left = 1 + random.int(4); left > 0; left--) mutated = mutateOnce(random, mutated, words)
  return mutated
}

/** Text with changes between its tokens, so that more of it stays what it was. */
export const mutateTokens = (random: Random, text: string, words: readonly string[]): string => {
  const tokens = text.split(/(?=[<>&=,;:/ -])|(?<=[<>&=,;:/ -])/)
  for (let left = 1 + random.int(3); left > 0; left--) {
    const at = random.int(tokens.length + 1)
    const token = random.weighted<readonly string[]>([
      [2, []],
      [2, [tokens[at] ?? '', tokens[at] ?? '']],
      [3, [random.pick(words)]],
      [2, [oddText(random)]],
      [2, [random.pick(tokens.length === 0 ? words : tokens)]],
    ])
    tokens.splice(at, random.int(2), ...token)
  }
  return tokens.join('')
}
