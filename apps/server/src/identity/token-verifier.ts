import type { ClaimsVerdict } from '@skycrate/core/identity/check-claims'
import type { IssuerSettings } from '@skycrate/core/identity/issuer-settings'
import { IssuerKeys } from '@skycrate/issuer-keys/issuer-keys'
import { KeysUnavailableError } from '@skycrate/issuer-keys/keys-unavailable-error'
import { type ReadRefusal, type ReadToken, readToken as readSigned } from '@skycrate/issuer-keys/read-token'
import { type TokenVerdict as Verdict, verifyToken } from '@skycrate/issuer-keys/verify-token'
import type { FastifyBaseLogger } from 'fastify'
import { AppError } from '../errors/app-error.ts'
import type { IssuerRegistry } from '../issuers/issuer-registry.ts'
import { createIssuerLog, type IssuerLog } from './issuer-log.ts'

/** Characters that a token may have; real ones have one to four thousand. */
export const MAX_TOKEN_LENGTH = 16_384

/** Why a token was refused: for the operator's log, and for what the bearer is told to do. */
export type TokenRefusal =
  | Extract<Verdict, { outcome: 'refused' }>['reason']
  | Exclude<ReadRefusal, 'extended'>
  | 'refresh-token'
  | 'unknown-issuer'

export type TokenVerdict =
  | (Extract<ClaimsVerdict, { outcome: 'accepted' }> & { readonly issuer: string })
  | { readonly outcome: 'refused'; readonly reason: TokenRefusal }

/** Reads a signed JWT without believing it: to find out who would have to vouch for it. */
export function readToken(token: string): ReadToken | { readonly refused: TokenRefusal } {
  if (token.startsWith('skyr_')) return { refused: 'refresh-token' }
  const read = readSigned(token, MAX_TOKEN_LENGTH)
  if (!('refused' in read)) return read
  return { refused: read.refused === 'extended' ? 'malformed' : read.refused }
}

export interface TokenVerifier {
  /** @throws AppError `issuer-unavailable`, `database-unavailable` */
  verify(read: ReadToken): Promise<TokenVerdict>
}

/** Verifies tokens of the registered issuers, each by its own keys, algorithms and audience. */
export function createTokenVerifier(options: {
  readonly issuers: Pick<IssuerRegistry, 'byIssuer' | 'current'>
  readonly allowInsecureLoopback: boolean
  readonly logger: FastifyBaseLogger
  readonly now: () => number
  readonly monotonicNow: () => number
}): TokenVerifier {
  const { issuers, allowInsecureLoopback, logger, now, monotonicNow } = options
  interface Known {
    readonly settings: IssuerSettings
    readonly keys: IssuerKeys
    readonly log: IssuerLog
  }
  const known = new Map<string, Known>()

  function knownOf(settings: IssuerSettings): Known {
    const before = known.get(settings.issuer)
    if (before?.settings === settings) return before
    const log = before?.log ?? createIssuerLog(settings.issuer, logger)
    const onFailure = (error: Error): void => log.failed(error)
    // Keys that were fetched stay good where the rules alone have changed.
    const keys =
      before?.settings.jwksUri === settings.jwksUri && before
        ? before.keys
        : new IssuerKeys(settings, { allowInsecureLoopback, now: monotonicNow, onFailure })
    for (const issuer of known.keys()) if (!issuers.byIssuer(issuer)) known.delete(issuer)
    known.set(settings.issuer, { settings, keys, log })
    return { settings, keys, log }
  }

  return {
    async verify(read) {
      const { iss } = read.claims
      await issuers.current()
      const issuer = typeof iss === 'string' ? issuers.byIssuer(iss) : undefined
      if (!issuer) return { outcome: 'refused', reason: 'unknown-issuer' }
      const { settings, keys, log } = knownOf(issuer.settings)
      const verdict = await verifyToken(read, settings, keys, now()).catch((error: unknown) => {
        if (!(error instanceof KeysUnavailableError)) throw error
        log.refused()
        throw new AppError('issuer-unavailable', undefined, { retryAfter: error.retryAfter })
      })
      return verdict.outcome === 'accepted' ? { ...verdict, issuer: settings.issuer } : verdict
    },
  }
}
