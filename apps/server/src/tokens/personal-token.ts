import { createHash, randomBytes } from 'node:crypto'

/** Opaque, 256 bits; only its hash is stored. */
export type PersonalToken = `skyp_${string}`

const SHAPE = /^skyp_[\w-]{43}$/

/** Undefined for what cannot be one, so that junk costs no query. */
export function parsePersonalToken(text: string): PersonalToken | undefined {
  return SHAPE.test(text) ? (text as PersonalToken) : undefined
}

export function newPersonalToken(): PersonalToken {
  return `skyp_${randomBytes(32).toString('base64url')}`
}

export function hashPersonalToken(token: PersonalToken): Buffer {
  return createHash('sha256').update(token).digest()
}
