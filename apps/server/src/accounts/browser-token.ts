import { createHash, randomBytes } from 'node:crypto'

/** What the cookie of a browser session holds: opaque, 256 bits; only its hash is stored. */
export type BrowserToken = `skyb_${string}`

const SHAPE = /^skyb_[\w-]{43}$/

/** Undefined for what cannot be one, so that junk costs no query. */
export function parseBrowserToken(text: string): BrowserToken | undefined {
  return SHAPE.test(text) ? (text as BrowserToken) : undefined
}

export function newBrowserToken(): BrowserToken {
  return `skyb_${randomBytes(32).toString('base64url')}`
}

export function hashBrowserToken(token: BrowserToken): Buffer {
  return createHash('sha256').update(token).digest()
}
