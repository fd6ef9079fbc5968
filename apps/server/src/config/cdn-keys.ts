import type { KeyObject } from 'node:crypto'
import { parseCloudFrontKey } from '@skycrate/core/cloudfront/sign'
import type { Parsed } from './setting.ts'

/** A key with which URLs for a content delivery network are signed. */
export interface CdnKey {
  /** The id of the public key at CloudFront. */
  readonly id: string
  readonly privateKey: KeyObject
}

const MAX_KEYS = 20

/** `[{"id": "K2JCJMDEHXQW5F", "privateKey": "-----BEGIN PRIVATE KEY-----\n…"}]`; mistakes never quote a key. */
export function parseCdnKeys(text: string): Parsed<readonly CdnKey[]> {
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch {
    return { mistake: 'must be JSON: an array of keys with id and privateKey' }
  }
  if (!Array.isArray(given) || given.length > MAX_KEYS) {
    return { mistake: `must be an array of at most ${MAX_KEYS} keys with id and privateKey` }
  }
  const keys: CdnKey[] = []
  for (const [at, each] of (given as unknown[]).entries()) {
    const { id, privateKey, ...others } = (each ?? {}) as Record<string, unknown>
    if (typeof id !== 'string' || !/^[A-Z0-9]{1,64}$/.test(id)) {
      return { mistake: `/${at}/id must be the id of a public key at CloudFront` }
    }
    if (typeof privateKey !== 'string') return { mistake: `/${at}/privateKey must be a private key in PEM` }
    if (Object.keys(others).length > 0) return { mistake: `/${at} may have only id and privateKey` }
    if (keys.some((key) => key.id === id)) return { mistake: `/${at}/id stands twice` }
    try {
      keys.push({ id, privateKey: parseCloudFrontKey(privateKey) })
    } catch (error) {
      return { mistake: `/${at}/privateKey: ${(error as Error).message}` }
    }
  }
  return { value: keys }
}
