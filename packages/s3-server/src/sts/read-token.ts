import type { Claims } from '@skycrate/core/identity/check-claims'
import type { JWTHeaderParameters } from 'jose'
import { StsError } from './sts-error.ts'

/** As long as AWS takes them. */
const MAX_TOKEN_CHARACTERS = 20_000

/** A token's parts, read but not yet believed. */
export interface ReadToken {
  readonly header: JWTHeaderParameters
  readonly claims: Claims
}

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
 * @throws StsError ValidationError or InvalidIdentityToken
 */
export const readToken = (token: string | undefined): ReadToken => {
  if (token === undefined || token === '' || token.length > MAX_TOKEN_CHARACTERS) {
    throw new StsError('ValidationError', `WebIdentityToken has to have 1 to ${MAX_TOKEN_CHARACTERS} characters.`)
  }
  const parts = token.split('.')
  const header = objectOf(parts[0] ?? '')
  const claims = objectOf(parts[1] ?? '')
  if (parts.length !== 3 || header === undefined || claims === undefined || typeof header['alg'] !== 'string') {
    throw new StsError('InvalidIdentityToken', 'The token provided is not a signed JWT.')
  }
  // No extension is understood; above all not b64, by which payload and claims would be read from different bytes.
  if ('crit' in header || 'b64' in header) {
    throw new StsError('InvalidIdentityToken', 'The token has extensions that are not understood.')
  }
  return { header: header as JWTHeaderParameters, claims }
}
