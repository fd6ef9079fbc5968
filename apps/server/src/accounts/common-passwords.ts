import { createRequire } from 'node:module'
import type * as Language from '@zxcvbn-ts/language-common'

/** 49,000 passwords from leaks, with `skycrate`, by which attackers of SkyCrate would begin. Read at the first new password. */
function readCommon(): ReadonlySet<string> {
  const require = createRequire(import.meta.url)
  const { dictionary } = require('@zxcvbn-ts/language-common') as typeof Language
  return new Set([...dictionary['passwords-common'], 'skycrate', 'administrator'])
}

let words: ReadonlySet<string> | undefined
let longest: number | undefined
const common = (): ReadonlySet<string> => (words ??= readCommon())
const longestWord = (): number => (longest ??= Math.max(...[...common()].map((word) => word.length)))
const SHORTEST_WORD = 3

/** What fingers run along; each is known backwards too. */
const ROWS = [
  '01234567890',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'qwertzuiopü',
  'azertyuiop',
]
const RUNS = [...ROWS, ...ROWS.map((row) => Array.from(row).toReversed().join(''))]

const LEET: Readonly<Record<string, string>> = {
  '@': 'a',
  '4': 'a',
  '3': 'e',
  '1': 'i',
  '0': 'o',
  $: 's',
  '5': 's',
  '7': 't',
}
/** A text that is no more than so many words and runs is found by trying their combinations. */
const MAX_PIECES = 2
/** Characters of a repeated unit that are few enough to be tried. */
const SHORT_UNIT = 8

/**
 * Whether attackers try a password early: a leaked one, one or two of them joined, a run along the keyboard, or a repeated
 * unit, however its letters are written. Passwords are long here, so the list alone would refuse next to none.
 *
 * @param about what is known of the person; it counts like a leaked password
 */
export function isCommonPassword(password: string, about: readonly (string | null)[] = []): boolean {
  const own = new Set(about.flatMap((text) => wordsOf(text ?? '')))
  // Without what is put around a password to please a rule.
  const bare = password.toLowerCase().replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '')
  const plain = Array.from(bare, (char) => LEET[char] ?? char).join('')
  return [bare, plain].some((text) => {
    const unit = unitOf(text)
    return (unit !== text && unit.length < SHORT_UNIT) || piecesOf(unit, own) <= MAX_PIECES
  })
}

/** An e-mail address or a name as a whole, joined, and in parts. */
function wordsOf(text: string): string[] {
  const lower = text.toLowerCase()
  const words = lower.split(/[^\p{L}\p{N}]+/u)
  return [lower, words.join(''), ...words].filter((word) => word.length >= SHORTEST_WORD)
}

/** What the text is a repetition of; itself where it is none. */
function unitOf(text: string): string {
  const length = (text + text).indexOf(text, 1)
  return length > 0 ? text.slice(0, length) : text
}

/** The fewest words, runs and single characters that the text is made of. */
function piecesOf(text: string, own: ReadonlySet<string>): number {
  const fewest = [0]
  for (let end = 1; end <= text.length; end++) {
    let best = fewest[end - 1]! + 1
    for (let start = Math.max(0, end - Math.max(longestWord(), 64)); start <= end - SHORTEST_WORD; start++) {
      if (fewest[start]! + 1 < best && isPiece(text.slice(start, end), own)) best = fewest[start]! + 1
    }
    fewest.push(best)
  }
  return fewest[text.length]!
}

function isPiece(text: string, own: ReadonlySet<string>): boolean {
  if (common().has(text) || own.has(text)) return true
  return RUNS.some((run) => run.includes(text)) || unitOf(text).length === 1
}
