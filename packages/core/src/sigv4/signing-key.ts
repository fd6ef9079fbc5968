import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'

/**
 * The key that signs everything of one day, region and service.
 *
 * @param day `YYYYMMDD`, UTC
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function deriveSigningKey(secret: string, day: string, region: string, service: string): KeyObject {
  const ofDay = createHmac('sha256', `AWS4${secret}`).update(day).digest()
  const ofRegion = createHmac('sha256', ofDay).update(region).digest()
  const ofService = createHmac('sha256', ofRegion).update(service).digest()
  return createSecretKey(createHmac('sha256', ofService).update('aws4_request').digest())
}

/** Derived keys by secret, day, region and service; the least recently used one makes room. */
export class SigningKeyCache {
  readonly #keys = new Map<string, KeyObject>()
  readonly #capacity: number

  /** @param capacity at least 1; a key is about 200 bytes */
  constructor(capacity = 10_000) {
    if (!Number.isInteger(capacity) || capacity < 1) throw new RangeError('capacity must be a whole number above 0')
    this.#capacity = capacity
  }

  get size(): number {
    return this.#keys.size
  }

  /** @param day `YYYYMMDD`, UTC */
  get(secret: string, day: string, region: string, service: string): KeyObject {
    // The secret comes last, so that no other part can run into it.
    const id = `${day}\n${region}\n${service}\n${secret}`
    let key = this.#keys.get(id)
    if (key === undefined) {
      key = deriveSigningKey(secret, day, region, service)
      if (this.#keys.size >= this.#capacity) {
        for (const oldest of this.#keys.keys()) {
          this.#keys.delete(oldest)
          break
        }
      }
    } else {
      this.#keys.delete(id)
    }
    this.#keys.set(id, key)
    return key
  }
}
