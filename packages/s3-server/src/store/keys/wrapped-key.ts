import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import type { BlobId } from '../blobs/blob-id.ts'

export const KEY_BYTES = 32
/** Bytes of a key version's id. */
export const VERSION_ID_BYTES = 8
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** Bytes of a sealed key: nonce, ciphertext and tag. */
const SEALED_BYTES = NONCE_BYTES + KEY_BYTES + TAG_BYTES
/** A data key sealed by the key file itself has no mark, but a length that no other form has. */
const RING_BYTES = VERSION_ID_BYTES + SEALED_BYTES
const CUSTOMER = 1
const MANAGED = 2

/** A blob's data key, in the clear and as it is stored. */
export interface DataKey {
  readonly key: Buffer
  readonly wrapped: Buffer
}

/** Makes the data key of one blob. */
export type MakeDataKey = (id: BlobId) => DataKey

/** A key that a named key of the key file sealed; it seals the data keys of one or more blobs. */
export interface ManagedKey {
  /** The named key, as answers call it. */
  readonly keyId: string
  /** Sealed, in base64. */
  readonly ciphertext: string
  /** What it is bound to. */
  readonly context: Readonly<Record<string, string>>
}

/** What is needed to open a stored data key. */
export type KeySeal =
  | { readonly kind: 'ring'; readonly version: string }
  | { readonly kind: 'customer' }
  | { readonly kind: 'managed'; readonly key: ManagedKey }

/** AES-256-GCM under `by`: it opens only with the same key and the same `bound`. */
export const sealKey = (by: Buffer, key: Buffer, bound: string): Buffer => {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', by, nonce).setAAD(Buffer.from(bound))
  return Buffer.concat([nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()])
}

/** @throws Error when it was sealed by another key, bound to something else, or changed */
export const openKey = (by: Buffer, sealed: Buffer, bound: string): Buffer => {
  if (sealed.length !== SEALED_BYTES) throw new Error('A sealed key is damaged.')
  const decipher = createDecipheriv('aes-256-gcm', by, sealed.subarray(0, NONCE_BYTES))
    .setAAD(Buffer.from(bound))
    .setAuthTag(sealed.subarray(-TAG_BYTES))
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()])
}

/** One for each blob, so that the same customer's key never seals twice under one key. */
const customerSealKey = (customerKey: Buffer, id: BlobId): Buffer =>
  Buffer.from(hkdfSync('sha256', customerKey, id, 'customer key of a blob', KEY_BYTES))

const makeDataKey = (id: BlobId, by: Buffer, head: Buffer, tail: Buffer): DataKey => {
  const key = randomBytes(KEY_BYTES)
  return { key, wrapped: Buffer.concat([head, sealKey(by, key, id), tail]) }
}

const NOTHING = Buffer.alloc(0)

/** @param version the id of the key version `by`, in hex */
export const makeRingKey = (id: BlobId, version: string, by: Buffer): DataKey =>
  makeDataKey(id, by, Buffer.from(version, 'hex'), NOTHING)

/** The customer's key itself is not kept. */
export const makeCustomerKey = (id: BlobId, customerKey: Buffer): DataKey =>
  makeDataKey(id, customerSealKey(customerKey, id), Buffer.of(CUSTOMER), NOTHING)

/** @param by what `managed` stands for */
export const makeManagedKey = (id: BlobId, managed: ManagedKey, by: Buffer): DataKey =>
  makeDataKey(id, by, Buffer.of(MANAGED), Buffer.from(JSON.stringify(managed)))

const toBuffer = (wrapped: Uint8Array): Buffer => Buffer.from(wrapped.buffer, wrapped.byteOffset, wrapped.byteLength)

/** @throws Error for bytes that are no stored data key */
export const readKeySeal = (wrapped: Uint8Array): KeySeal => {
  const bytes = toBuffer(wrapped)
  if (bytes.length === RING_BYTES) {
    return { kind: 'ring', version: bytes.subarray(0, VERSION_ID_BYTES).toString('hex') }
  }
  if (bytes[0] === CUSTOMER) return { kind: 'customer' }
  if (bytes[0] !== MANAGED) throw new Error('A stored data key is damaged.')
  return { kind: 'managed', key: JSON.parse(bytes.subarray(1 + SEALED_BYTES).toString()) as ManagedKey }
}

/** @throws Error as `openKey` */
export const openRingKey = (wrapped: Uint8Array, id: BlobId, by: Buffer): Buffer =>
  openKey(by, toBuffer(wrapped).subarray(VERSION_ID_BYTES), id)

/** @throws Error as `openKey` */
export const openCustomerKey = (wrapped: Uint8Array, id: BlobId, customerKey: Buffer): Buffer =>
  openKey(customerSealKey(customerKey, id), toBuffer(wrapped).subarray(1), id)

/** @throws Error as `openKey` */
export const openManagedKey = (wrapped: Uint8Array, id: BlobId, by: Buffer): Buffer =>
  openKey(by, toBuffer(wrapped).subarray(1, 1 + SEALED_BYTES), id)

/** The same data key, its managed key sealed anew. */
export const replaceManagedKey = (wrapped: Uint8Array, managed: ManagedKey): Buffer =>
  Buffer.concat([toBuffer(wrapped).subarray(0, 1 + SEALED_BYTES), Buffer.from(JSON.stringify(managed))])
