import { createHash, createHmac, createSecretKey, hkdfSync, randomBytes } from 'node:crypto'

/** Opaque, 256 bits; only its hash is stored. */
export type RefreshToken = `skyr_${string}`

const SHAPE = /^skyr_[\w-]{43}$/

/** Undefined for what cannot be one, so that junk costs no query. */
export function parseRefreshToken(text: string): RefreshToken | undefined {
  return SHAPE.test(text) ? (text as RefreshToken) : undefined
}

export function newRefreshToken(): RefreshToken {
  return `skyr_${randomBytes(32).toString('base64url')}`
}

export function hashRefreshToken(token: RefreshToken): Buffer {
  return createHash('sha256').update(token).digest()
}

/**
 * The token that follows another: always the same one, so that who asks twice does not get two lines of descent, and one
 * that nobody finds without the secret.
 */
export function successorsUnder(secret: string): (token: RefreshToken) => RefreshToken {
  const key = createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', 'skycrate refresh tokens', 32)))
  return (token) => `skyr_${createHmac('sha256', key).update(token).digest('base64url')}`
}
