import { createHash, randomBytes } from 'node:crypto'

/** 256 bits; only its hash is stored. */
export type DirectoryToken = `skyd_${string}`

const SHAPE = /^skyd_[\w-]{43}$/

export const newDirectoryToken = (): DirectoryToken => `skyd_${randomBytes(32).toString('base64url')}`

/** Undefined for what cannot be one, so that junk costs no query. */
export function parseDirectoryToken(text: string): DirectoryToken | undefined {
  return SHAPE.test(text) ? (text as DirectoryToken) : undefined
}

export const hashDirectoryToken = (token: DirectoryToken): Buffer => createHash('sha256').update(token).digest()
