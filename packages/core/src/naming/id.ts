/**
 * Identifiers that carry their type: `usr_` + 26 lower-case Crockford base32 characters of a UUIDv7-shaped 128-bit
 * number (48 bits of milliseconds, then randomness), so that they sort by the time they were made.
 * @see RFC 9562 section 5.7
 */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

export type IdPrefix = 'usr' | 'prm' | 'evt' | 'ses' | 'grp' | 'req' | 'key'
export type Id<P extends IdPrefix = IdPrefix> = `${P}_${string}`
export type UserId = Id<'usr'>
export type PermissionId = Id<'prm'>
export type EventId = Id<'evt'>
export type SessionId = Id<'ses'>
export type GroupId = Id<'grp'>

/**
 * @param now milliseconds since the epoch
 * @param random at least 10 bytes of randomness
 */
export function createId<P extends IdPrefix>(prefix: P, now: number, random: Uint8Array): Id<P> {
  if (random.length < 10) throw new RangeError('an id needs 10 bytes of randomness')
  let text = ''
  // 48 bits of time make 9 characters and a rest of 3 bits; working per character on a BigInt keeps this exact.
  let value = BigInt(now)
  for (let i = 0; i < 10; i++) value = (value << 8n) | BigInt(random[i]!)
  for (let i = 0; i < 26; i++) {
    text = ALPHABET[Number(value & 31n)]! + text
    value >>= 5n
  }
  return `${prefix}_${text}`
}

const SHAPE = /^[a-z]{3}_[0-7][0-9a-hjkmnp-tv-z]{25}$/

export function isId<P extends IdPrefix>(prefix: P, text: string): text is Id<P> {
  return text.startsWith(`${prefix}_`) && SHAPE.test(text)
}
