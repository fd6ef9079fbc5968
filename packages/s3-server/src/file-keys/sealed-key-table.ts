import type { BlobId } from '../store/blobs/blob-id.ts'
import { readEncryption, writeEncryption } from '../store/keys/encryption.ts'
import type { Encryption } from '../store/keys/encryption.ts'
import type { IndexDatabase } from '../store/index/index-database.ts'

/** The stored data key of a blob. */
export interface SealedBlobKey {
  readonly id: BlobId
  readonly wrapped: Uint8Array
}

/** An open upload whose key lies with it. */
export interface KeyedUpload {
  readonly id: string
  readonly encryption: Encryption | undefined
}

/** Every sealed key in the index. Methods that change something run inside `IndexDatabase.write`. */
export class SealedKeyTable {
  readonly #index: IndexDatabase

  constructor(index: IndexDatabase) {
    this.#index = index
  }

  /** In order of the blobs' ids, from the first after `after`. */
  blobKeys(after: string, limit: number): readonly SealedBlobKey[] {
    return this.#index
      .prepare(
        `SELECT id, wrapped_key AS wrapped FROM blob WHERE id > ? AND wrapped_key IS NOT NULL ORDER BY id LIMIT ?`,
      )
      .all(after, limit) as unknown as readonly SealedBlobKey[]
  }

  setBlobKey(id: BlobId, wrapped: Uint8Array): void {
    this.#index.prepare('UPDATE blob SET wrapped_key = ? WHERE id = ?').run(wrapped, id)
  }

  uploads(): readonly KeyedUpload[] {
    const rows = this.#index
      .prepare(`SELECT id, encryption FROM upload WHERE encryption LIKE '{%'`)
      .all() as unknown as readonly { id: string; encryption: string }[]
    return rows.map(({ id, encryption }) => ({ id, encryption: readEncryption(encryption) }))
  }

  setUploadEncryption(id: string, encryption: Encryption): void {
    this.#index.prepare('UPDATE upload SET encryption = ? WHERE id = ?').run(writeEncryption(encryption), id)
  }
}
