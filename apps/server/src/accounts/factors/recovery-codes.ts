import { createHash, randomBytes } from 'node:crypto'

/** Codes of one set. */
export const RECOVERY_CODES = 10
/** Crockford's base32: no letter reads like another character. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const CHARACTERS = 24

/** 120 bits, in six groups: nobody finds one from its hash, so that a quick hash is enough (ASVS 6.5.2). */
function newRecoveryCode(): string {
  const characters = Array.from(randomBytes(CHARACTERS), (byte) => ALPHABET[byte % ALPHABET.length]!).join('')
  return characters.match(/.{4}/g)!.join('-')
}

export const newRecoveryCodes = (): string[] => Array.from({ length: RECOVERY_CODES }, newRecoveryCode)

/** However it was typed: without its dashes, in capitals, with an O for a zero. */
export function hashRecoveryCode(code: string): string {
  const plain = code.toLowerCase().replaceAll(/[\s-]/g, '').replaceAll('o', '0').replaceAll(/[il]/g, '1')
  return createHash('sha256').update(plain).digest('base64url')
}
