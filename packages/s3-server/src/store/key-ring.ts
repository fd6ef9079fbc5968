import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { writeDurableFile } from './durable-file.ts'

const KEY_ID_BYTES = 8
const NONCE_BYTES = 12
const DATA_KEY_BYTES = 32
const TAG_BYTES = 16
const WRAPPED_BYTES = KEY_ID_BYTES + NONCE_BYTES + DATA_KEY_BYTES + TAG_BYTES

interface KeyFile {
  readonly active: string
  /** Id (16 hex digits) to key (64 hex digits). */
  readonly keys: Readonly<Record<string, string>>
}

/** A blob's data key, in the clear and as it is stored. */
export interface DataKey {
  readonly key: Buffer
  readonly wrapped: Buffer
}

const isKeyFile = (value: unknown): value is KeyFile => {
  if (typeof value !== 'object' || value === null) return false
  const { active, keys } = value as Partial<KeyFile>
  if (typeof active !== 'string' || typeof keys !== 'object' || keys === null || !(active in keys)) return false
  return Object.entries(keys).every(([id, key]) => /^[0-9a-f]{16}$/.test(id) && /^[0-9a-f]{64}$/.test(key))
}

/**
 * The keys that wrap data keys (AES-256-GCM, bound to the blob's id). The active one wraps, every one in the file
 * unwraps: to rotate, add a key and name it active. Whoever has this file and the blobs can read them.
 */
export class KeyRing {
  readonly #keys: ReadonlyMap<string, Buffer>
  readonly #active: string

  private constructor(file: KeyFile) {
    this.#keys = new Map(Object.entries(file.keys).map(([id, key]) => [id, Buffer.from(key, 'hex')]))
    this.#active = file.active
  }

  /** Reads the file, or makes it (mode 0600) with one random key when there is none. Throws when it is damaged. */
  static async open(path: string): Promise<KeyRing> {
    let text: string | undefined
    try {
      text = await readFile(path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
    if (text === undefined) {
      const id = randomBytes(KEY_ID_BYTES).toString('hex')
      const file: KeyFile = { active: id, keys: { [id]: randomBytes(DATA_KEY_BYTES).toString('hex') } }
      await writeDurableFile(path, `${JSON.stringify(file, undefined, 2)}\n`, 0o600)
      return new KeyRing(file)
    }
    let parsed: unknown
    try {
      parsed = JSON.parse(text)
    } catch {
      parsed = undefined
    }
    if (!isKeyFile(parsed))
      throw new Error(`The key file ${path} is damaged; without it encrypted objects can't be read.`)
    return new KeyRing(parsed)
  }

  /** A key of its own for another purpose, which tells nothing of the key it comes from; undefined for an unknown id. */
  derive(id: string, purpose: string): Buffer | undefined {
    const master = this.#keys.get(id)
    return master === undefined ? undefined : Buffer.from(hkdfSync('sha256', master, '', purpose, DATA_KEY_BYTES))
  }

  /** As `derive`, from the active key. */
  deriveActive(purpose: string): { readonly id: string; readonly key: Buffer } {
    return { id: this.#active, key: this.derive(this.#active, purpose)! }
  }

  makeDataKey(blobId: string): DataKey {
    const key = randomBytes(DATA_KEY_BYTES)
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv('aes-256-gcm', this.#keys.get(this.#active)!, nonce).setAAD(Buffer.from(blobId))
    const sealed = Buffer.concat([cipher.update(key), cipher.final()])
    return { key, wrapped: Buffer.concat([Buffer.from(this.#active, 'hex'), nonce, sealed, cipher.getAuthTag()]) }
  }

  /** Throws when the wrapping key is not in the file, or the wrapped key was changed or belongs to another blob. */
  unwrap(wrapped: Uint8Array, blobId: string): Buffer {
    const bytes = Buffer.from(wrapped.buffer, wrapped.byteOffset, wrapped.byteLength)
    if (bytes.length !== WRAPPED_BYTES) throw new Error(`The data key of blob ${blobId} is damaged.`)
    const id = bytes.subarray(0, KEY_ID_BYTES).toString('hex')
    const master = this.#keys.get(id)
    if (master === undefined) throw new Error(`The key file lacks key ${id}, which blob ${blobId} needs.`)
    const sealed = bytes.subarray(KEY_ID_BYTES + NONCE_BYTES, WRAPPED_BYTES - TAG_BYTES)
    const decipher = createDecipheriv('aes-256-gcm', master, bytes.subarray(KEY_ID_BYTES, KEY_ID_BYTES + NONCE_BYTES))
      .setAAD(Buffer.from(blobId))
      .setAuthTag(bytes.subarray(WRAPPED_BYTES - TAG_BYTES))
    return Buffer.concat([decipher.update(sealed), decipher.final()])
  }
}
