import type { IndexDatabase } from './index-database.ts'
import type { ObjectLock } from './object-lock.ts'

export type Versioning = 'Unversioned' | 'Enabled' | 'Suspended'

export interface Bucket {
  readonly id: number
  readonly name: string
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly versioning: Versioning
  /** Once there it stays, and `versioning` is then Enabled. */
  readonly objectLock: ObjectLock | undefined
}

interface BucketRow extends Omit<Bucket, 'objectLock'> {
  readonly objectLock: string | null
}

/** The configurations a bucket can have, each put, read and deleted as a whole. */
export type BucketSettingKind =
  | 'cors'
  | 'encryption'
  | 'lifecycle'
  | 'ownership'
  | 'policy'
  | 'public-access-block'
  | 'tagging'

const COLUMNS = 'id, name, created_at AS createdAt, versioning, object_lock AS objectLock'

const toBucket = (row: BucketRow): Bucket => ({
  ...row,
  objectLock: row.objectLock === null ? undefined : (JSON.parse(row.objectLock) as ObjectLock),
})

/** Buckets and their configurations. Methods that change something run inside `IndexDatabase.write`. */
export class BucketTable {
  readonly #index: IndexDatabase

  constructor(index: IndexDatabase) {
    this.#index = index
  }

  find(name: string): Bucket | undefined {
    const row = this.#index.prepare(`SELECT ${COLUMNS} FROM bucket WHERE name = ?`).get(name)
    return row === undefined ? undefined : toBucket(row as unknown as BucketRow)
  }

  /** In order of names, from the first after `after`. */
  list(prefix: string, after: string, limit: number): readonly Bucket[] {
    return this.#index
      .prepare(`SELECT ${COLUMNS} FROM bucket WHERE name > ? AND substr(name, 1, length(?)) = ? ORDER BY name LIMIT ?`)
      .all(after, prefix, prefix, limit)
      .map((row) => toBucket(row as unknown as BucketRow))
  }

  create(name: string, createdAt: number): void {
    this.#index.prepare('INSERT INTO bucket (name, created_at) VALUES (?, ?)').run(name, createdAt)
  }

  /** Whether anything is in the bucket: an object, a version or a delete marker. */
  isEmpty(bucketId: number): boolean {
    return ['object', 'object_history'].every(
      (table) => this.#index.prepare(`SELECT 1 FROM ${table} WHERE bucket_id = ? LIMIT 1`).get(bucketId) === undefined,
    )
  }

  delete(bucketId: number): void {
    this.#index.prepare('DELETE FROM bucket WHERE id = ?').run(bucketId)
  }

  setVersioning(bucketId: number, versioning: Versioning): void {
    this.#index.prepare('UPDATE bucket SET versioning = ? WHERE id = ?').run(versioning, bucketId)
  }

  setObjectLock(bucketId: number, lock: ObjectLock): void {
    this.#index.prepare('UPDATE bucket SET object_lock = ? WHERE id = ?').run(JSON.stringify(lock), bucketId)
  }

  /** The configuration as it was stored, or undefined. */
  setting(bucketId: number, kind: BucketSettingKind): string | undefined {
    const row = this.#index
      .prepare('SELECT document FROM bucket_setting WHERE bucket_id = ? AND kind = ?')
      .get(bucketId, kind)
    return (row as { document: string } | undefined)?.document
  }

  /** As `setting`, by the bucket's name: one look-up for what every request asks. */
  settingOf(name: string, kind: BucketSettingKind): string | undefined {
    const row = this.#index
      .prepare('SELECT document FROM bucket JOIN bucket_setting ON bucket_id = id WHERE name = ? AND kind = ?')
      .get(name, kind)
    return (row as { document: string } | undefined)?.document
  }

  putSetting(bucketId: number, kind: BucketSettingKind, document: string): void {
    this.#index
      .prepare(
        `INSERT INTO bucket_setting (bucket_id, kind, document) VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET document = excluded.document`,
      )
      .run(bucketId, kind, document)
  }

  deleteSetting(bucketId: number, kind: BucketSettingKind): void {
    this.#index.prepare('DELETE FROM bucket_setting WHERE bucket_id = ? AND kind = ?').run(bucketId, kind)
  }
}
