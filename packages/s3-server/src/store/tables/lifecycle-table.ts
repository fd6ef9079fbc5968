import type { IndexDatabase } from '../index/index-database.ts'
import type { ObjectAttributes } from './object-version.ts'

/** A version or delete marker as a walk over a bucket meets it. */
export interface WalkedVersion {
  readonly key: string
  readonly sequence: number
  readonly versionId: string
  readonly modifiedAt: number
  readonly size: number
  readonly etag: string
  readonly storageClass: string
  readonly isDeleteMarker: boolean
  readonly tags: ObjectAttributes['tags']
}

/** Where a walk stands: after this version of this key. */
export interface VersionPlace {
  readonly key: string
  readonly sequence: number
}

export interface WalkedUpload {
  readonly key: string
  readonly id: string
  readonly initiatedAt: number
}

interface Row extends Omit<WalkedVersion, 'isDeleteMarker' | 'tags'> {
  readonly isDeleteMarker: 0 | 1
  readonly attributes: string
}

const COLUMNS = `key, sequence, version_id AS versionId, modified_at AS modifiedAt, size, etag,
  storage_class AS storageClass, attributes`

const either = (condition: string): string =>
  `SELECT ${COLUMNS}, 0 AS isDeleteMarker FROM object WHERE bucket_id = ?1 AND ${condition}
   UNION ALL
   SELECT ${COLUMNS}, is_delete_marker AS isDeleteMarker FROM object_history WHERE bucket_id = ?1 AND ${condition}`

const toWalked = ({ attributes, isDeleteMarker, ...row }: Row): WalkedVersion => ({
  ...row,
  isDeleteMarker: isDeleteMarker === 1,
  tags: (JSON.parse(attributes) as Partial<ObjectAttributes>).tags ?? [],
})

/** Pages over everything in a bucket, keys in order and each key's versions newest first, and what changes them. */
export class LifecycleTable {
  readonly #index: IndexDatabase

  constructor(index: IndexDatabase) {
    this.#index = index
  }

  #all(sql: string, ...values: (string | number)[]): WalkedVersion[] {
    return (this.#index.prepare(sql).all(...values) as unknown as Row[]).map(toWalked)
  }

  /** Versions from a key on, inclusive. */
  versionsFrom(bucketId: number, key: string, limit: number): readonly WalkedVersion[] {
    return this.#all(`${either('key >= ?2')} ORDER BY key, sequence DESC LIMIT ?3`, bucketId, key, limit)
  }

  /** Versions after a place: the older ones of its key, then those of the keys behind it. */
  versionsAfter(bucketId: number, place: VersionPlace, limit: number): readonly WalkedVersion[] {
    const sameKey = `${either('key = ?2 AND sequence < ?3')} ORDER BY sequence DESC LIMIT ?4`
    const found = this.#all(sameKey, bucketId, place.key, place.sequence, limit)
    if (found.length === limit) return found
    const behind = `${either('key > ?2')} ORDER BY key, sequence DESC LIMIT ?3`
    return [...found, ...this.#all(behind, bucketId, place.key, limit - found.length)]
  }

  /** How many versions of the key are not older than a place, counted up to `limit`. */
  newerVersions(bucketId: number, { key, sequence }: VersionPlace, limit: number): number {
    const row = this.#index
      .prepare(
        `SELECT count(*) AS count FROM (
           SELECT 1 FROM object WHERE bucket_id = ?1 AND key = ?2 AND sequence >= ?3
           UNION ALL
           SELECT 1 FROM object_history WHERE bucket_id = ?1 AND key = ?2 AND sequence >= ?3
           LIMIT ?4
         )`,
      )
      .get(bucketId, key, sequence, limit)
    return (row as { count: number }).count
  }

  /** In order of key and id, from the first after the one given. */
  uploadsAfter(bucketId: number, key: string, id: string, limit: number): readonly WalkedUpload[] {
    return this.#index
      .prepare(
        `SELECT key, id, initiated_at AS initiatedAt FROM upload
         WHERE bucket_id = ? AND (key, id) > (?, ?) ORDER BY key, id LIMIT ?`,
      )
      .all(bucketId, key, id, limit) as unknown as readonly WalkedUpload[]
  }

  /** Records another storage class; only inside a write. */
  setStorageClass(bucketId: number, { key, sequence }: VersionPlace, storageClass: string): void {
    for (const table of ['object', 'object_history']) {
      this.#index
        .prepare(`UPDATE ${table} SET storage_class = ? WHERE bucket_id = ? AND key = ? AND sequence = ?`)
        .run(storageClass, bucketId, key, sequence)
    }
  }
}
