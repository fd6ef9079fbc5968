import { hkdfSync } from 'node:crypto'
import type { BlobId } from '../blobs/blob-id.ts'
import { createKeyFile, readKeyFile, versionsOf } from './key-file.ts'
import type { KeyFile, KeyVersions } from './key-file.ts'
import { KEY_BYTES, makeRingKey, openKey, openRingKey, readKeySeal, sealKey, VERSION_ID_BYTES } from './wrapped-key.ts'
import type { DataKey } from './wrapped-key.ts'

/** What an ARN or an alias calls a key within its account. */
const bareName = (id: string): string => id.replace(/^arn:[^:]*:kms:[^:]*:[^:]*:/, '').replace(/^(?:key|alias)\//, '')

const allVersions = (file: KeyFile): readonly KeyVersions[] => [file, ...Object.values(file.named ?? {})]

/**
 * The keys of the key file. The store's own seals data keys (AES-256-GCM, bound to the blob's id); named ones seal the
 * keys that requests ask them for. The active version of each seals, every version opens. Whoever has this file and the
 * blobs can read them.
 */
export class KeyRing {
  readonly #path: string
  #file: KeyFile
  #versions: ReadonlyMap<string, Buffer>

  private constructor(path: string, file: KeyFile) {
    this.#path = path
    this.#file = file
    this.#versions = KeyRing.#versionsIn(file)
  }

  static #versionsIn(file: KeyFile): ReadonlyMap<string, Buffer> {
    return new Map(
      allVersions(file).flatMap(({ keys }) =>
        Object.entries(keys).map(([id, key]) => [id, Buffer.from(key, 'hex')] as const),
      ),
    )
  }

  /**
   * Reads the file. Only for a store without data it is made (mode 0600), with one random key, when there is none: what is
   * sealed by a new key could not be read once the old file is back.
   *
   * @param known versions that the store may have used
   * @throws Error when it is damaged, missing beside data, or not the file of this store
   */
  static async open(path: string, isNew: boolean, known: readonly string[]): Promise<KeyRing> {
    const file = (await readKeyFile(path)) ?? (isNew ? await createKeyFile(path) : undefined)
    if (file === undefined) {
      throw new Error(`${path} is missing, but the store has data that needs its keys. Put the file back.`)
    }
    const ring = new KeyRing(path, file)
    const lost = known.find((version) => !ring.#versions.has(version))
    if (lost === undefined) return ring
    throw new Error(
      `${path} is not the key file of this store: it lacks key version ${lost}, which may be in use. Put the right file back.`,
    )
  }

  /** Ids of all versions of all keys. */
  get versions(): readonly string[] {
    return [...this.#versions.keys()]
  }

  /**
   * Takes up what was added to the file or rotated in it.
   *
   * @returns whether another version of a key seals now
   * @throws Error when it is damaged or gone, or lacks a version that this ring has; the ring then stays as it was
   */
  async reload(): Promise<boolean> {
    const file = await readKeyFile(this.#path)
    if (file === undefined) throw new Error(`${this.#path} is missing.`)
    const versions = KeyRing.#versionsIn(file)
    const lost = [...this.#versions.keys()].find((id) => !versions.has(id))
    if (lost !== undefined) throw new Error(`The key file ${this.#path} lacks version ${lost}, which may be in use.`)
    const before = allVersions(this.#file).map(({ active }) => active)
    const now = new Set(allVersions(file).map(({ active }) => active))
    this.#file = file
    this.#versions = versions
    return before.some((active) => !now.has(active))
  }

  /** A key of its own for another purpose, which tells nothing of the key it comes from; undefined for an unknown id. */
  derive(id: string, purpose: string): Buffer | undefined {
    const master = Object.hasOwn(this.#file.keys, id) ? this.#versions.get(id) : undefined
    return master === undefined ? undefined : Buffer.from(hkdfSync('sha256', master, '', purpose, KEY_BYTES))
  }

  /** As `derive`, from the active version of the store's own key. */
  deriveActive(purpose: string): { readonly id: string; readonly key: Buffer } {
    return { id: this.#file.active, key: this.derive(this.#file.active, purpose)! }
  }

  makeDataKey(blobId: BlobId): DataKey {
    return makeRingKey(blobId, this.#file.active, this.#versions.get(this.#file.active)!)
  }

  /** Throws when the version is not in the file, or the wrapped key was changed or belongs to another blob. */
  unwrap(wrapped: Uint8Array, blobId: BlobId): Buffer {
    const seal = readKeySeal(wrapped)
    const version = seal.kind === 'ring' ? seal.version : ''
    const by = this.#versions.get(version)
    if (by === undefined) throw new Error(`The key file lacks key ${version}, which blob ${blobId} needs.`)
    return openRingKey(wrapped, blobId, by)
  }

  /** The same data key, sealed by the active version; undefined when it is already. Throws as `unwrap`. */
  rewrap(wrapped: Uint8Array, blobId: BlobId): Buffer | undefined {
    const seal = readKeySeal(wrapped)
    if (seal.kind !== 'ring' || seal.version === this.#file.active) return undefined
    const key = sealKey(this.#versions.get(this.#file.active)!, this.unwrap(wrapped, blobId), blobId)
    return Buffer.concat([Buffer.from(this.#file.active, 'hex'), key])
  }

  /**
   * The name of the key that a request means by a name, an alias or an ARN: first one of exactly that name, else one
   * that is called so within its account. Undefined when there is none.
   */
  findName(id: string): string | undefined {
    const names = Object.keys(this.#file.named ?? {})
    return names.find((name) => name === id) ?? names.find((name) => bareName(name) === bareName(id))
  }

  /** Seals a key by a named key, or for undefined by the store's own. Throws when there is none of that name. */
  seal(name: string | undefined, key: Buffer, bound: string): Buffer {
    const { active } = versionsOf(this.#file, name)
    return Buffer.concat([Buffer.from(active, 'hex'), sealKey(this.#versions.get(active)!, key, bound)])
  }

  /** Opens what `seal` sealed. Throws when the version is not in the file, or for what is not as it was sealed. */
  open(sealed: Buffer, bound: string): Buffer {
    const version = sealed.subarray(0, VERSION_ID_BYTES).toString('hex')
    const by = this.#versions.get(version)
    if (by === undefined) throw new Error(`The key file lacks key version ${version}.`)
    return openKey(by, sealed.subarray(VERSION_ID_BYTES), bound)
  }

  /** Whether `seal` would use another version now. */
  isOutdated(name: string | undefined, sealed: Buffer): boolean {
    return sealed.subarray(0, VERSION_ID_BYTES).toString('hex') !== versionsOf(this.#file, name).active
  }
}
