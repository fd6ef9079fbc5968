import { hash, type KeyObject } from 'node:crypto'
import { signText } from './canonical.ts'

/** Of SHA-256, in bytes. */
const BLOCK = 64
const DIGEST = 32
/** Characters; a string to sign is shorter with any region that there is. */
const LONGEST = 512
// oxlint reads a control character in a regular expression as a slip; these are meant.
// oxlint-disable-next-line no-control-regex
const ASCII = /^[\0-\x7f]*$/

/**
 * HMAC-SHA256 of many short texts under one key, as hex digits: by its two hashes, each in one call. That takes half the time
 * of `createHmac`, which makes a state for each text.
 *
 * @param key of at most 64 bytes
 * @see https://www.rfc-editor.org/rfc/rfc2104 section 2
 */
export function textMac(key: KeyObject): (text: string) => string {
  const bytes = key.export()
  if (bytes.length > BLOCK) return (text) => signText(key, text)
  const inner = Buffer.alloc(BLOCK + LONGEST, 0)
  const outer = Buffer.alloc(BLOCK + DIGEST, 0)
  inner.fill(0x36, 0, BLOCK)
  outer.fill(0x5c, 0, BLOCK)
  for (const [i, byte] of bytes.entries()) {
    inner[i]! ^= byte
    outer[i]! ^= byte
  }
  bytes.fill(0)
  return (text) => {
    if (text.length > LONGEST || !ASCII.test(text)) return signText(key, text)
    inner.write(text, BLOCK, 'latin1')
    outer.write(hash('sha256', inner.subarray(0, BLOCK + text.length), 'latin1'), BLOCK, 'latin1')
    return hash('sha256', outer, 'hex')
  }
}
