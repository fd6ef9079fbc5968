import type { ManagedKey } from './wrapped-key.ts'

/** How the bytes of a version are encrypted, and what is told of it. */
export type Encryption =
  /** By the key file's own key. */
  { readonly kind: 'AES256' } | KmsEncryption | CustomerEncryption

/** By a key that was asked for by name. */
export interface KmsEncryption {
  readonly kind: 'aws:kms'
  /** As answers call it. */
  readonly keyId: string
  /** As it was asked for: told again, and then the key is bound to the bucket instead of the object. */
  readonly bucketKey: boolean
  /** Of an upload: the key that seals those of its parts. */
  readonly uploadKey?: ManagedKey
}

/** By a key that only the customer has; what is kept of it tells another key from it, and nothing else. */
export interface CustomerEncryption {
  readonly kind: 'customer'
  /** Random, in hex. */
  readonly salt: string
  /** An HMAC of the salt under the customer's key, in hex. */
  readonly proof: string
}

/** As it lies in the index: a word for the plain case, else JSON. */
export const writeEncryption = (encryption: Encryption | undefined): string | null => {
  if (encryption === undefined) return null
  return encryption.kind === 'AES256' ? 'AES256' : JSON.stringify(encryption)
}

export const readEncryption = (text: string | null): Encryption | undefined => {
  if (text === null) return undefined
  return text === 'AES256' ? { kind: 'AES256' } : (JSON.parse(text) as Encryption)
}
