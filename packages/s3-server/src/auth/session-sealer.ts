import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import type { KeyRing } from '../store/keys/key-ring.ts'
import type { SessionCredentials } from './session.ts'

const VERSION = 1
const KEY_ID_BYTES = 8
const NONCE_BYTES = 12
const TAG_BYTES = 16
const HEAD_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES
/** Fits a request's headers with room for the rest. */
const MAX_TOKEN_CHARACTERS = 16_384

/**
 * Session tokens that hold their whole session, sealed (AES-256-GCM) under a key derived from the key file: the server
 * keeps nothing, and a token is good until it expires. They are bound to the root key: whoever changes that ends every
 * session made under it.
 */
export class SessionSealer {
  readonly #keys: KeyRing
  readonly #purpose: string

  constructor(keys: KeyRing, root: { readonly accessKeyId: string; readonly secretAccessKey: string }) {
    this.#keys = keys
    const binding = createHash('sha256')
      .update(JSON.stringify([root.accessKeyId, root.secretAccessKey]))
      .digest('hex')
    this.#purpose = `sts session token ${VERSION} ${binding}`
  }

  /**
   * @param nonce 12 random bytes, never used twice
   * @returns undefined for a session that makes too long a token
   */
  seal(credentials: SessionCredentials, nonce: Buffer): string | undefined {
    const { id, key } = this.#keys.deriveActive(this.#purpose)
    const head = Buffer.concat([Buffer.of(VERSION), Buffer.from(id, 'hex'), nonce])
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(head)
    const sealed = Buffer.concat([cipher.update(JSON.stringify(credentials)), cipher.final()])
    const token = Buffer.concat([head, sealed, cipher.getAuthTag()]).toString('base64')
    return token.length > MAX_TOKEN_CHARACTERS ? undefined : token
  }

  /** @returns undefined for what this server did not seal under its present root key */
  open(token: string): SessionCredentials | undefined {
    if (token.length > MAX_TOKEN_CHARACTERS) return undefined
    const bytes = Buffer.from(token, 'base64')
    if (bytes.length <= HEAD_BYTES + TAG_BYTES || bytes[0] !== VERSION) return undefined
    const head = bytes.subarray(0, HEAD_BYTES)
    const key = this.#keys.derive(head.subarray(1, 1 + KEY_ID_BYTES).toString('hex'), this.#purpose)
    if (key === undefined) return undefined
    const decipher = createDecipheriv('aes-256-gcm', key, head.subarray(1 + KEY_ID_BYTES))
      .setAAD(head)
      .setAuthTag(bytes.subarray(-TAG_BYTES))
    try {
      const opened = Buffer.concat([decipher.update(bytes.subarray(HEAD_BYTES, -TAG_BYTES)), decipher.final()])
      // Genuine, so it has the shape that `seal` gave it.
      return JSON.parse(opened.toString()) as SessionCredentials
    } catch {
      return undefined
    }
  }
}
