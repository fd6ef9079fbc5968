import type { Claims } from '@skycrate/core/identity/claims'
import type { JWTHeaderParameters } from 'jose'

/** A token's parts, read but not yet believed. */
export interface ReadToken {
  readonly text: string
  readonly header: JWTHeaderParameters
  readonly claims: Claims
}

/** Why a text is nothing that could be verified. `extended`: it asks for what its reader would have to understand. */
export type ReadRefusal = 'too-long' | 'opaque' | 'encrypted' | 'malformed' | 'extended'

const objectOf = (part: string): Readonly<Record<string, unknown>> | undefined => {
  if (!/^[A-Za-z0-9_-]+$/.test(part)) return undefined
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

/**
 * Reads a signed JWT without believing it: to find out who would have to vouch for it.
 *
 * @param longest characters that it may have
 */
export const readToken = (text: string, longest: number): ReadToken | { readonly refused: ReadRefusal } => {
  if (text.length > longest) return { refused: 'too-long' }
  const [head = '', body = '', ...rest] = text.split('.', 6)
  if (rest.length === 3) return { refused: 'encrypted' }
  if (rest.length !== 1) return { refused: 'opaque' }
  const header = objectOf(head)
  const claims = objectOf(body)
  if (header === undefined || claims === undefined || typeof header['alg'] !== 'string') return { refused: 'malformed' }
  // No extension is understood; above all not b64, by which payload and claims would be read from different bytes.
  if ('crit' in header || 'b64' in header) return { refused: 'extended' }
  return { text, header: header as JWTHeaderParameters, claims }
}
