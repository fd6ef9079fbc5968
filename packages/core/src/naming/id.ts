/** Crockford's base32, lower-case: no i, l, o, u, so that an id survives being read aloud. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

export type IdPrefix =
  | 'usr'
  | 'grp'
  | 'prm'
  | 'evt'
  | 'ses'
  | 'req'
  | 'key'
  | 'job'
  | 'fil'
  | 'iss'
  | 'dir'
  | 'mai'
  | 'cod'
  | 'tok'
  | 'sec'
  | 'shr'
export type Id<P extends IdPrefix = IdPrefix> = `${P}_${string}`
export type UserId = Id<'usr'>
export type GroupId = Id<'grp'>
export type PermissionId = Id<'prm'>
export type EventId = Id<'evt'>
export type SessionId = Id<'ses'>
export type SecretId = Id<'sec'>
export type TokenId = Id<'tok'>
export type JobId = Id<'job'>
export type IssuerId = Id<'iss'>
export type DirectoryId = Id<'dir'>
export type ShareId = Id<'shr'>
export type MailId = Id<'mai'>
export type MailCodeId = Id<'cod'>

/**
 * An identifier that carries its type: `usr_` and a ULID in lower case, that is 10 characters of time and 16 of
 * randomness, so that ids sort by the millisecond in which they were made.
 *
 * @param now milliseconds since the epoch, below 2^48
 * @param random at least 10 bytes of randomness
 * @throws RangeError for less randomness
 * @see https://github.com/ulid/spec
 */
export function createId<P extends IdPrefix>(prefix: P, now: number, random: Uint8Array): Id<P> {
  if (random.length < 10) throw new RangeError('an id needs 10 bytes of randomness')
  return `${prefix}_${encodeTime(now)}${encodeFive(random, 0)}${encodeFive(random, 5)}`
}

let timeOfText = -1
let timeText = ''

function encodeTime(now: number): string {
  // Under load many ids are made in one millisecond.
  if (now === timeOfText) return timeText
  let text = ''
  let rest = now
  for (let i = 0; i < 10; i++) {
    text = ALPHABET[rest % 32]! + text
    rest = Math.floor(rest / 32)
  }
  timeOfText = now
  timeText = text
  return text
}

/** 40 bits from `offset` on as 8 characters. */
function encodeFive(bytes: Uint8Array, offset: number): string {
  const high = (bytes[offset]! << 12) | (bytes[offset + 1]! << 4) | (bytes[offset + 2]! >> 4)
  const low = ((bytes[offset + 2]! & 15) << 16) | (bytes[offset + 3]! << 8) | bytes[offset + 4]!
  return encodeTwenty(high) + encodeTwenty(low)
}

function encodeTwenty(value: number): string {
  return ALPHABET[value >> 15]! + ALPHABET[(value >> 10) & 31]! + ALPHABET[(value >> 5) & 31]! + ALPHABET[value & 31]!
}

const SHAPE = /^[a-z]{3}_[0-7][0-9a-hjkmnp-tv-z]{25}$/

export function isId<P extends IdPrefix>(prefix: P, text: string): text is Id<P> {
  return text.startsWith(`${prefix}_`) && SHAPE.test(text)
}
