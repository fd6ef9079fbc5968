import type { IssuerSettings } from '@skycrate/core/identity/issuer-settings'
import { createLocalJWKSet, errors } from 'jose'
import type { CryptoKey, JWTHeaderParameters } from 'jose'
import { discoveredKeys, discoveryUrl } from './discovered-keys.ts'
import { fetchJson } from './fetch-json.ts'

/** Keys are asked for anew after this time, in milliseconds, so that a withdrawn one stops to count. */
const MAX_AGE = 10 * 60_000
/** Milliseconds between two requests to an issuer at least, whatever tokens come in. */
const COOLDOWN = 10_000
/** Milliseconds after the last answer for which keys count while the issuer can't be reached. */
const MAX_STALE = 24 * 60 * 60_000

type KeySet = ReturnType<typeof createLocalJWKSet>

export interface IssuerKeysOptions {
  /** Milliseconds that the issuer has for each answer. */
  readonly timeout: number
  /** Monotonic milliseconds. */
  readonly now: () => number
  /** Told why keys could not be fetched. */
  readonly onFailure: (error: Error) => void
}

/** No keys are at hand, and none can be had. */
export class KeysUnavailableError extends Error {}

const discover = async (issuer: string, timeout: number): Promise<string> =>
  discoveredKeys(await fetchJson(discoveryUrl(issuer), timeout), issuer)

/**
 * The public keys of one issuer. They are fetched when they are first needed, when they are old, and when a token names
 * an unknown one; one request at a time and not before the cooldown, so that a flood of made-up key ids reaches the issuer
 * once. While the issuer is away, the keys at hand go on counting for a day.
 */
export class IssuerKeys {
  readonly #settings: IssuerSettings
  readonly #options: IssuerKeysOptions
  #keys: KeySet | undefined
  #fetchedAt = Number.NEGATIVE_INFINITY
  #triedAt = Number.NEGATIVE_INFINITY
  #fetching: Promise<void> | undefined

  constructor(settings: IssuerSettings, options: IssuerKeysOptions) {
    this.#settings = settings
    this.#options = options
  }

  /**
   * @returns undefined where the issuer has no such key
   * @throws KeysUnavailableError
   */
  async find(header: JWTHeaderParameters): Promise<CryptoKey | undefined> {
    const age = this.#options.now() - this.#fetchedAt
    if (age > MAX_STALE) this.#keys = undefined
    if (age > MAX_AGE && this.#mayTry()) {
      const refreshed = this.#refresh()
      // Those whose keys are known need not wait for an issuer that hangs.
      if (this.#keys === undefined) await refreshed
    }
    const found = await this.#pick(header)
    if (found !== undefined || !this.#mayTry()) return found
    await this.#refresh()
    return this.#pick(header)
  }

  #mayTry(): boolean {
    return this.#fetching !== undefined || this.#options.now() - this.#triedAt >= COOLDOWN
  }

  /** Never rejects. */
  #refresh(): Promise<void> {
    return (this.#fetching ??= this.#fetch().finally(() => {
      this.#fetching = undefined
    }))
  }

  async #fetch(): Promise<void> {
    const { timeout, now, onFailure } = this.#options
    const { issuer, jwksUri } = this.#settings
    this.#triedAt = now()
    try {
      const { keys } = await fetchJson(jwksUri ?? (await discover(issuer, timeout)), timeout)
      if (!Array.isArray(keys)) throw new Error('the key set has no keys')
      // One damaged entry must not cost the others.
      this.#keys = createLocalJWKSet({ keys: keys.filter((key) => typeof key === 'object' && key !== null) })
      this.#fetchedAt = now()
    } catch (error) {
      onFailure(new Error(`keys of ${issuer} could not be fetched`, { cause: error }))
    } finally {
      this.#triedAt = now()
    }
  }

  async #pick(header: JWTHeaderParameters): Promise<CryptoKey | undefined> {
    if (this.#keys === undefined) throw new KeysUnavailableError('The keys of the issuer could not be fetched.')
    try {
      return await this.#keys(header)
    } catch (error) {
      // No such key, or several without an id; else one that the issuer published damaged, for which WebCrypto has errors
      // of its own kinds.
      if (!(error instanceof errors.JOSEError)) {
        this.#options.onFailure(new Error(`a key of ${this.#settings.issuer} can't be used`, { cause: error }))
      }
      return undefined
    }
  }
}
