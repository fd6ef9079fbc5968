import { S3Error } from '../s3-error.ts'
import type { KeyRing } from '../store/keys/key-ring.ts'
import type { ManagedKey } from '../store/keys/wrapped-key.ts'
import { isOwnKey, makeFileKey, openFileKey } from './file-key.ts'
import type { OpenKey } from './file-key.ts'
import type { KmsClient, KmsContext } from './kms-client.ts'

export interface KeyServiceOptions {
  readonly keys: KeyRing
  /** Asked for keys that the key file does not have. */
  readonly kms: KmsClient | undefined
  /** What the store's own key is called in answers: an id for which `isOwnKey` holds. */
  readonly ownKeyId: string
  /** Milliseconds since 1970. */
  readonly now: () => number
}

interface Cached<T> {
  readonly value: Promise<T>
  readonly until: number
}

/** How long a bucket key is held in memory: as long may a key be switched off at the KMS without effect. */
const CACHE_TIME = 300_000
const CACHE_SIZE = 1000

/**
 * The keys that `aws:kms` asks for: those of the key file, and those of an external KMS if one is configured. Each seals
 * the data keys of one object, or as a bucket key those of many.
 */
export class KeyService {
  readonly #options: KeyServiceOptions
  readonly #made = new Map<string, Cached<OpenKey>>()
  readonly #opened = new Map<string, Cached<Buffer>>()

  constructor(options: KeyServiceOptions) {
    this.#options = options
  }

  /**
   * A new key made by the one named, or with `shared` one made for the same purpose some minutes ago.
   *
   * @param keyId a name, an id, an alias or an ARN; undefined for the store's own key
   * @throws S3Error KMS.NotFoundException and its kin; ServiceUnavailable when the KMS does not answer
   */
  generate(keyId: string | undefined, context: KmsContext, shared: boolean): Promise<OpenKey> {
    if (!shared) return this.#generate(keyId, context)
    return this.#cached(this.#made, JSON.stringify([keyId ?? null, context]), () => this.#generate(keyId, context))
  }

  /**
   * Opens a key again.
   *
   * @param shared whether it is a bucket key, which may be held in memory
   * @throws S3Error as `generate`; Error when the key file lacks its version
   */
  open(managed: ManagedKey, shared: boolean): Promise<Buffer> {
    if (!shared || managed.provider === 'file') return this.#open(managed)
    return this.#cached(this.#opened, managed.ciphertext, () => this.#open(managed))
  }

  /** Lets go of what is held in memory: keys are then made by the versions that are active now. */
  clear(): void {
    this.#made.clear()
    this.#opened.clear()
  }

  async #generate(keyId: string | undefined, context: KmsContext): Promise<OpenKey> {
    const { keys, kms, ownKeyId } = this.#options
    if (keyId === undefined || isOwnKey(keyId)) return makeFileKey(keys, ownKeyId, context)
    const name = keys.findName(keyId)
    if (name !== undefined) return makeFileKey(keys, name, context)
    if (kms === undefined) {
      throw new S3Error('KMS.NotFoundException', {
        message: keyId.startsWith('arn:') ? `Key '${keyId}' does not exist` : `Invalid keyId '${keyId}'`,
      })
    }
    const made = await kms.generate(keyId, context)
    return { key: made.key, managed: { provider: 'kms', keyId: made.keyId, ciphertext: made.ciphertext, context } }
  }

  async #open(managed: ManagedKey): Promise<Buffer> {
    const { keys, kms } = this.#options
    if (managed.provider === 'file') return openFileKey(keys, managed)
    if (kms === undefined) {
      throw new S3Error('ServiceUnavailable', { message: 'The key is one of a KMS, and the server knows none.' })
    }
    return kms.decrypt(managed.keyId, managed.ciphertext, managed.context)
  }

  #cached<T>(cache: Map<string, Cached<T>>, id: string, make: () => Promise<T>): Promise<T> {
    const now = this.#options.now()
    const found = cache.get(id)
    if (found !== undefined && now < found.until) return found.value
    // In order of insertion, hence of age.
    for (const [key, { until }] of cache) if (until <= now || cache.size >= CACHE_SIZE) cache.delete(key)
    const value = make()
    cache.set(id, { value, until: now + CACHE_TIME })
    // What failed is asked for again.
    value.catch(() => {
      if (cache.get(id)?.value === value) cache.delete(id)
    })
    return value
  }
}
