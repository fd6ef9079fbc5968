import { setTimeout as sleep } from 'node:timers/promises'
import type { IssuerSettings } from '@skycrate/core/identity/issuer-settings'
import { createLocalJWKSet, errors } from 'jose'
import type { CryptoKey, JWTHeaderParameters } from 'jose'
import { discoveredKeys, discoveryUrl } from './discovered-keys.ts'
import { fetchJson } from './fetch-json.ts'
import { KeysUnavailableError } from './keys-unavailable-error.ts'

/** Keys are asked for anew after this time, in milliseconds, so that a withdrawn one stops to count. */
const MAX_AGE = 10 * 60_000
/** Milliseconds between the end of a request to an issuer and the next at least, whatever tokens come in. */
const COOLDOWN = 10_000
/**
 * Milliseconds after the last answer for which keys count while the issuer can't be reached: whoever could keep it
 * from answering would otherwise keep a withdrawn key alive.
 */
const MAX_STALE = 24 * 60 * 60_000
/** Milliseconds for which old keys wait for newer ones before they are used. */
const STALE_WAIT = 500
const TIMEOUT = 5000
/** Keys that are tried for a token that names none. */
const MAX_CANDIDATES = 8

type KeySet = ReturnType<typeof createLocalJWKSet>

/** A request that is under way. Neither promise rejects. */
interface Refresh {
  readonly done: Promise<void>
  /** When it is done, or has taken as long as anybody waits who has old keys. */
  readonly awaited: Promise<unknown>
}

export interface IssuerKeysOptions {
  /** Milliseconds that the issuer has for each answer, at least 1; default 5000. */
  readonly timeout?: number | undefined
  /** Whether an issuer on this machine may be asked by http. */
  readonly allowInsecureLoopback: boolean
  /** Monotonic milliseconds. */
  readonly now: () => number
  /** Told why keys could not be fetched (at most once in 10 seconds) or one not used. It must not throw. */
  readonly onFailure: (error: Error) => void
}

/**
 * The public keys of one issuer. They are fetched when they are first needed, when they are old, and when a token names
 * an unknown one; one request at a time and not before the cooldown, so that a flood of made-up key ids reaches the issuer
 * once. While the issuer is away, the keys at hand go on counting for a day.
 */
export class IssuerKeys {
  readonly #issuer: string
  readonly #jwksUri: string | undefined
  readonly #options: IssuerKeysOptions
  #keys: KeySet | undefined
  #fetchedAt = Number.NEGATIVE_INFINITY
  #triedAt = Number.NEGATIVE_INFINITY
  #refreshing: Refresh | undefined

  /** @param settings without `jwksUri`, the issuer's discovery document is asked where the keys are */
  constructor(settings: Pick<IssuerSettings, 'issuer' | 'jwksUri'>, options: IssuerKeysOptions) {
    this.#issuer = settings.issuer
    this.#jwksUri = settings.jwksUri
    this.#options = options
  }

  /**
   * @returns those that a token may mean: none where the issuer has no such key, several where it names none
   * @throws KeysUnavailableError
   */
  async find(header: JWTHeaderParameters): Promise<readonly CryptoKey[]> {
    const age = this.#options.now() - this.#fetchedAt
    if (age > MAX_STALE) this.#keys = undefined
    if (age > MAX_AGE && this.#mayTry()) {
      const { done, awaited } = this.#refresh()
      // An issuer that hangs must not hold up those whose keys are known.
      await (this.#keys === undefined ? done : awaited)
    }
    const found = await this.#pick(header)
    if (found.length > 0 || !this.#mayTry()) return found
    await this.#refresh().done
    return this.#pick(header)
  }

  #mayTry(): boolean {
    return this.#refreshing !== undefined || this.#options.now() - this.#triedAt >= COOLDOWN
  }

  #refresh(): Refresh {
    if (this.#refreshing === undefined) {
      const done = this.#fetch().finally(() => {
        this.#refreshing = undefined
      })
      this.#refreshing = { done, awaited: Promise.race([done, sleep(STALE_WAIT, undefined, { ref: false })]) }
    }
    return this.#refreshing
  }

  async #fetch(): Promise<void> {
    const { timeout = TIMEOUT, allowInsecureLoopback, now, onFailure } = this.#options
    const fetching = { timeout, allowInsecureLoopback }
    const issuer = this.#issuer
    try {
      const uri = this.#jwksUri ?? discoveredKeys(await fetchJson(discoveryUrl(issuer), fetching), issuer)
      const { keys } = await fetchJson(uri, fetching)
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

  async #pick(header: JWTHeaderParameters): Promise<readonly CryptoKey[]> {
    if (this.#keys === undefined) {
      const wait = this.#triedAt + COOLDOWN - this.#options.now()
      throw new KeysUnavailableError(Math.max(1, Math.ceil(wait / 1000)))
    }
    try {
      return [await this.#keys(header)]
    } catch (error) {
      if (error instanceof errors.JWKSMultipleMatchingKeys) {
        const several: CryptoKey[] = []
        for await (const key of error) {
          several.push(key)
          if (several.length === MAX_CANDIDATES) break
        }
        return several
      }
      // No such key; else one that the issuer published damaged, for which WebCrypto has errors
      // of its own kinds.
      if (!(error instanceof errors.JOSEError)) {
        this.#options.onFailure(new Error(`a key of ${this.#issuer} can't be used`, { cause: error }))
      }
      return []
    }
  }
}
