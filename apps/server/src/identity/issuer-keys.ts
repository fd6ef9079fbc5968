import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import type { IssuerSettings } from '@skycrate/core/identity/issuer-settings'
import { createLocalJWKSet, type CryptoKey, errors, type JSONWebKeySet, type JWTHeaderParameters } from 'jose'
import { AppError } from '../errors/app-error.ts'
import { fetchJson } from './fetch-json.ts'

/** Keys are asked for anew after this time, in milliseconds, so that a withdrawn one stops to count. */
const MAX_AGE_MS = 10 * 60_000
/** At least so long, in milliseconds, between two requests to the issuer, whatever tokens come in. */
const COOLDOWN_MS = 10_000
/** Milliseconds that a request waits for newer keys while there are keys at hand. */
const STALE_WAIT_MS = 500

/** The public keys of one issuer. */
export interface IssuerKeys {
  /**
   * @returns undefined where the issuer has no such key
   * @throws AppError `issuer-unavailable` when there are no keys and none can be had
   */
  keyFor(header: JWTHeaderParameters): Promise<CryptoKey | undefined>
}

/**
 * Fetches the keys when they are first needed and again when a token names an unknown one (rotation). One request at a
 * time and not before the cooldown: a flood of made-up key ids reaches the issuer once. While the issuer is away, the
 * keys at hand go on counting.
 *
 * @param now monotonic milliseconds
 */
export function createIssuerKeys(
  settings: IssuerSettings,
  options: { readonly allowInsecureLoopback: boolean; readonly logger: FastifyBaseLogger; readonly now: () => number },
): IssuerKeys {
  const { logger, now, allowInsecureLoopback } = options
  let keys: ReturnType<typeof createLocalJWKSet> | undefined
  let fetchedAt = Number.NEGATIVE_INFINITY
  let triedAt = Number.NEGATIVE_INFINITY
  let fetching: Promise<void> | undefined

  async function fetchKeys(): Promise<void> {
    triedAt = now()
    try {
      const uri = settings.jwksUri ?? (await discover(settings.issuer, allowInsecureLoopback))
      const set = await fetchJson(uri, allowInsecureLoopback)
      keys = createLocalJWKSet(keySet(set))
      fetchedAt = now()
    } catch (error) {
      logger.warn({ err: error, issuer: settings.issuer }, "an issuer's keys could not be fetched")
    }
  }

  const refresh = (): Promise<void> =>
    (fetching ??= fetchKeys().finally(() => {
      fetching = undefined
    }))

  const mayTry = (): boolean => fetching !== undefined || now() - triedAt >= COOLDOWN_MS

  async function pick(header: JWTHeaderParameters): Promise<CryptoKey | undefined> {
    if (!keys) throw new AppError('issuer-unavailable', undefined, { retryAfter: COOLDOWN_MS / 1000 })
    try {
      return await keys(header)
    } catch (error) {
      // No such key, or more than one without a key id. Anything else is a key that the issuer published damaged, which
      // WebCrypto answers with errors of its own kinds.
      if (!(error instanceof errors.JOSEError)) {
        logger.warn({ err: error, issuer: settings.issuer }, "an issuer's key cannot be used")
      }
      return undefined
    }
  }

  return {
    async keyFor(header) {
      if (!keys) {
        if (mayTry()) await refresh()
      } else if (now() - fetchedAt > MAX_AGE_MS && mayTry()) {
        // An issuer that hangs must not hold up those whose keys are known.
        await Promise.race([refresh(), sleep(STALE_WAIT_MS, undefined, { ref: false })])
      }
      const key = await pick(header)
      if (key || !mayTry()) return key
      await refresh()
      return pick(header)
    },
  }
}

/** One damaged entry must not cost the others. */
function keySet(document: Record<string, unknown>): JSONWebKeySet {
  const { keys } = document
  if (!Array.isArray(keys)) throw new Error('the key set has no keys')
  return { keys: keys.filter((key) => typeof key === 'object' && key !== null) }
}

/** @see OpenID Connect Discovery 1.0 section 4 */
async function discover(issuer: string, allowInsecureLoopback: boolean): Promise<string> {
  const url = `${issuer}${issuer.endsWith('/') ? '' : '/'}.well-known/openid-configuration`
  const document = await fetchJson(url, allowInsecureLoopback)
  if (document['issuer'] !== issuer) {
    throw new Error(`the discovery document at ${url} is of another issuer: ${String(document['issuer'])}`)
  }
  if (typeof document['jwks_uri'] !== 'string') throw new Error(`the discovery document at ${url} names no jwks_uri`)
  return document['jwks_uri']
}
