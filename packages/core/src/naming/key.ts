declare const brand: unique symbol
export type Key = string & { readonly [brand]: 'Key' }

/** S3's limit, in bytes of UTF-8. */
export const MAX_KEY_BYTES = 1024

export type KeyProblem = 'empty' | 'too-long' | 'not-unicode' | 'control-character' | 'dot-segment' | 'backslash'

export type KeyVerdict = { readonly ok: true; readonly key: Key } | { readonly ok: false; readonly problem: KeyProblem }

// oxlint reads a control character in a regular expression as a slip; these are meant.
const isControl = (code: number): boolean => code < 0x20 || code === 0x7f

/**
 * A key that SkyCrate's doors accept. S3 itself takes any 1–1,024 bytes of UTF-8; refused beyond that is what clients,
 * proxies and browsers on the way are known to rewrite, so that the key decided on is always the key that is touched:
 * segments `.` and `..`, backslashes, and control characters (NUL included).
 */
export function parseKey(text: string): KeyVerdict {
  if (text.length === 0) return { ok: false, problem: 'empty' }
  if (text.length > MAX_KEY_BYTES) return { ok: false, problem: 'too-long' }
  let plain = true
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (isControl(code)) return { ok: false, problem: 'control-character' }
    if (code === 0x5c) return { ok: false, problem: 'backslash' }
    if (code > 0x7f) plain = false
  }
  if (!plain) {
    if (!text.isWellFormed()) return { ok: false, problem: 'not-unicode' }
    if (Buffer.byteLength(text) > MAX_KEY_BYTES) return { ok: false, problem: 'too-long' }
  }
  if (text.includes('.') && hasDotSegment(text)) return { ok: false, problem: 'dot-segment' }
  return { ok: true, key: text as Key }
}

/**
 * A key as a store may hold it, written by whatever tool. Only for what SkyCrate itself sends to the store as it is: no
 * client, proxy or browser is on the way that could rewrite it.
 */
export function parseStoredKey(text: string): KeyVerdict {
  if (text.length === 0) return { ok: false, problem: 'empty' }
  if (!text.isWellFormed()) return { ok: false, problem: 'not-unicode' }
  if (Buffer.byteLength(text) > MAX_KEY_BYTES) return { ok: false, problem: 'too-long' }
  return { ok: true, key: text as Key }
}

function hasDotSegment(text: string): boolean {
  return text.split('/').some((segment) => segment === '.' || segment === '..')
}

/** What is wrong with a key, as a sentence for the person who sent it. */
export const KEY_PROBLEMS: Readonly<Record<KeyProblem, string>> = {
  empty: 'A key has at least one character.',
  'too-long': `A key has at most ${MAX_KEY_BYTES} bytes in UTF-8.`,
  'not-unicode': 'A key is well-formed Unicode; this one has half of a surrogate pair.',
  'control-character': 'A key has no control characters (U+0000 to U+001F, U+007F).',
  'dot-segment': 'A key has no segment that is "." or "..".',
  backslash: 'A key has no backslash; folders are separated by "/".',
}
