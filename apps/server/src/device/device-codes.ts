import { createHash, randomBytes, randomInt } from 'node:crypto'

/** What the program presents: opaque, 256 bits; only its hash is stored. */
export type DeviceCode = `skyd_${string}`

const SHAPE = /^skyd_[\w-]{43}$/

export function newDeviceCode(): DeviceCode {
  return `skyd_${randomBytes(32).toString('base64url')}`
}

/** Undefined for what cannot be one, so that junk costs no query. */
export function parseDeviceCode(text: string): DeviceCode | undefined {
  return SHAPE.test(text) ? (text as DeviceCode) : undefined
}

export function hashDeviceCode(code: DeviceCode): Buffer {
  return createHash('sha256').update(code).digest()
}

/** No vowels, so that no code is a word, and nothing that looks like something else. @see RFC 8628 section 6.1 */
const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ'
const LENGTH = 8

/** What a person types: 34 bits, of use only together with a limit on tries and somebody who is signed in. */
export function newUserCode(): string {
  return Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('')
}

/** However somebody typed it; undefined for what cannot be one. */
export function parseUserCode(text: string): string | undefined {
  const letters = text.toUpperCase().replaceAll(/[\s._–-]/g, '')
  return letters.length === LENGTH && Array.from(letters).every((letter) => LETTERS.includes(letter))
    ? letters
    : undefined
}

/** As it is shown. */
export const showUserCode = (code: string): string => `${code.slice(0, 4)}-${code.slice(4)}`
