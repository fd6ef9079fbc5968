import { checkClaims, type ClaimsRefusal, type ClaimsVerdict } from '@skycrate/core/identity/check-claims'
import { type Algorithm, ALGORITHMS, type IssuerSettings } from '@skycrate/core/identity/issuer-settings'
import { IssuerKeys } from '@skycrate/issuer-keys/issuer-keys'
import { KeysUnavailableError } from '@skycrate/issuer-keys/keys-unavailable-error'
import type { FastifyBaseLogger } from 'fastify'
import { compactVerify, errors, type JWTHeaderParameters } from 'jose'
import { AppError } from '../errors/app-error.ts'

/** Characters that a token may have; real ones have one to four thousand. */
export const MAX_TOKEN_LENGTH = 16_384

/** Why a token was refused: for the operator's log, and for what the bearer is told to do. */
export type TokenRefusal =
  | ClaimsRefusal
  | 'too-long'
  | 'opaque'
  | 'refresh-token'
  | 'encrypted'
  | 'malformed'
  | 'unknown-issuer'
  | 'wrong-algorithm'
  | 'unknown-key'
  | 'wrong-signature'

export type TokenVerdict =
  | (Extract<ClaimsVerdict, { outcome: 'accepted' }> & { readonly issuer: string })
  | { readonly outcome: 'refused'; readonly reason: TokenRefusal }

/** A token's parts, read but not yet believed. */
export interface ReadToken {
  readonly header: JWTHeaderParameters
  readonly claims: Readonly<Record<string, unknown>>
}

/** Reads a signed JWT without believing it: to find out who would have to vouch for it. */
export function readToken(token: string): ReadToken | { readonly refused: TokenRefusal } {
  if (token.length > MAX_TOKEN_LENGTH) return { refused: 'too-long' }
  if (token.startsWith('skyr_')) return { refused: 'refresh-token' }
  const parts = token.split('.')
  if (parts.length === 5) return { refused: 'encrypted' }
  if (parts.length !== 3) return { refused: 'opaque' }
  const header = jsonOf(parts[0]!)
  const claims = jsonOf(parts[1]!)
  if (!header || !claims || typeof header['alg'] !== 'string') return { refused: 'malformed' }
  // No extension is understood; above all not b64, by which payload and claims would be read from different bytes.
  if ('crit' in header || 'b64' in header) return { refused: 'malformed' }
  return { header: header as JWTHeaderParameters, claims }
}

function jsonOf(part: string): Record<string, unknown> | undefined {
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

export interface TokenVerifier {
  /** @throws AppError `issuer-unavailable` */
  verify(token: string, read: ReadToken): Promise<TokenVerdict>
}

/** Verifies tokens of the configured issuers, each by its own keys, algorithms and audience. */
export function createTokenVerifier(options: {
  readonly issuers: readonly IssuerSettings[]
  readonly allowInsecureLoopback: boolean
  readonly logger: FastifyBaseLogger
  readonly now: () => number
  readonly monotonicNow: () => number
}): TokenVerifier {
  const { issuers, allowInsecureLoopback, logger, now, monotonicNow } = options
  const keysOf = (settings: IssuerSettings): IssuerKeys =>
    new IssuerKeys(settings, {
      allowInsecureLoopback,
      now: monotonicNow,
      onFailure: (error) => logger.warn({ err: error, issuer: settings.issuer }, "an issuer's keys cannot be used"),
    })
  const known = new Map(issuers.map((settings) => [settings.issuer, { settings, keys: keysOf(settings) }]))

  return {
    async verify(token, { header, claims }) {
      const issuer = typeof claims['iss'] === 'string' ? known.get(claims['iss']) : undefined
      if (!issuer) return { outcome: 'refused', reason: 'unknown-issuer' }
      const { settings, keys } = issuer
      // Before any key is looked at: what the token says of its algorithm must not choose how it is verified.
      if (!isAllowed(header.alg, settings)) return { outcome: 'refused', reason: 'wrong-algorithm' }
      const key = await keys.find(header).catch((error: unknown) => {
        throw error instanceof KeysUnavailableError
          ? new AppError('issuer-unavailable', undefined, { retryAfter: error.retryAfter })
          : error
      })
      if (!key) return { outcome: 'refused', reason: 'unknown-key' }
      try {
        await compactVerify(token, key, { algorithms: [...settings.algorithms] })
      } catch (error) {
        if (error instanceof errors.JWSSignatureVerificationFailed)
          return { outcome: 'refused', reason: 'wrong-signature' }
        // A key that does not go with the algorithm is a TypeError; a critical header that nobody knows a JOSEError.
        if (error instanceof errors.JOSEError || error instanceof TypeError)
          return { outcome: 'refused', reason: 'malformed' }
        throw error
      }
      const verdict = checkClaims(header.typ, claims, settings, now())
      return verdict.outcome === 'accepted' ? { ...verdict, issuer: settings.issuer } : verdict
    },
  }
}

function isAllowed(alg: string | undefined, settings: IssuerSettings): boolean {
  return (ALGORITHMS as readonly string[]).includes(alg ?? '') && settings.algorithms.includes(alg as Algorithm)
}
