const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** So many characters of base 32, each made from a byte of its own: for ids, which nobody decodes. */
export const base32 = (bytes: Uint8Array, length: number): string =>
  Array.from(bytes.subarray(0, length), (byte) => ALPHABET.charAt(byte % 32)).join('')
