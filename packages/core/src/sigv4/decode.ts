const PLAIN_WIRE = /^[\x21-\x24\x26-\x7e]*$/
const NOT_ON_THE_WIRE = /[\0-\x20\x7f]/
const HIGH_BYTES = /[\x80-\xff]/g
const BEYOND_BYTES = /[^\0-\xff]/

/**
 * Percent-decodes a request path exactly once, as it came on the wire (one char a byte, as Node's `req.url` has it).
 * Bytes above 0x7F that a client left unencoded count as themselves. `+` stays `+`. The signature is checked over this
 * reading, so the server must take bucket and key from it too.
 *
 * @returns undefined when there is no such text: a broken escape, bytes that aren't UTF-8, a raw space or control
 *   character
 */
export function decodePath(rawPath: string): string | undefined {
  if (PLAIN_WIRE.test(rawPath)) return rawPath
  if (NOT_ON_THE_WIRE.test(rawPath) || BEYOND_BYTES.test(rawPath)) return undefined
  try {
    return decodeURIComponent(rawPath.replace(HIGH_BYTES, escapeByte))
  } catch {
    return undefined
  }
}

/**
 * As `decodePath`, for a query name or value, where `+` means a space.
 *
 * @returns undefined as `decodePath` does
 */
export function decodeQueryText(raw: string): string | undefined {
  return decodePath(raw.includes('+') ? raw.replaceAll('+', '%20') : raw)
}

function escapeByte(byte: string): string {
  return `%${byte.charCodeAt(0).toString(16)}`
}
