import type { IndexDatabase } from '../index/index-database.ts'
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
  | 'notification'
  | 'ownership'
  | 'policy'
  | 'public-access-block'
  | 'tagging'

const COLUMNS = 'id, name, created_at AS createdAt, versioning, object_lock AS objectLock'

const toBucket = (row: BucketRow): Bucket => ({
  ...row,
  objectLock: row.objectLock === null ? undefined : (JSON.parse(row.objectLock) as ObjectLock),
})

/** A bucket with all its configurations. */
interface KnownBucket {
  readonly bucket: Bucket
  readonly settings: ReadonlyMap<string, string>
}

/** Buckets that are kept in memory at most. */
const CAPACITY = 1000

/**
 * Buckets and their configurations. Methods that change something run inside `IndexDatabase.write`. Every request asks for
 * some of it and it hardly changes, so it is kept in memory: as it was committed last, until something of it changes.
 */
export class BucketTable {
  readonly #index: IndexDatabase
  readonly #byName = new Map<string, KnownBucket>()
  readonly #byId = new Map<number, KnownBucket>()
  /** Whether the transaction under way has changed something of what is kept. */
  #isChanged = false

  constructor(index: IndexDatabase) {
    this.#index = index
  }

  find(name: string): Bucket | undefined {
    return this.#known(name)?.bucket
  }

  /** In order of names, from the first after `after`. */
  list(prefix: string, after: string, limit: number): readonly Bucket[] {
    return this.#index
      .prepare(`SELECT ${COLUMNS} FROM bucket WHERE name > ? AND substr(name, 1, length(?)) = ? ORDER BY name LIMIT ?`)
      .all(after, prefix, prefix, limit)
      .map((row) => toBucket(row as unknown as BucketRow))
  }

  create(name: string, createdAt: number): void {
    this.#forget()
    this.#index.prepare('INSERT INTO bucket (name, created_at) VALUES (?, ?)').run(name, createdAt)
  }

  /** Whether anything is in the bucket: an object, a version or a delete marker. */
  isEmpty(bucketId: number): boolean {
    return ['object', 'object_history'].every(
      (table) => this.#index.prepare(`SELECT 1 FROM ${table} WHERE bucket_id = ? LIMIT 1`).get(bucketId) === undefined,
    )
  }

  delete(bucketId: number): void {
    this.#forget()
    this.#index.prepare('DELETE FROM bucket WHERE id = ?').run(bucketId)
  }

  setVersioning(bucketId: number, versioning: Versioning): void {
    this.#forget()
    this.#index.prepare('UPDATE bucket SET versioning = ? WHERE id = ?').run(versioning, bucketId)
  }

  setObjectLock(bucketId: number, lock: ObjectLock): void {
    this.#forget()
    this.#index.prepare('UPDATE bucket SET object_lock = ? WHERE id = ?').run(JSON.stringify(lock), bucketId)
  }

  /** The configuration as it was stored, or undefined. */
  setting(bucketId: number, kind: BucketSettingKind): string | undefined {
    const known = this.#isKept ? this.#byId.get(bucketId) : undefined
    return (known?.settings ?? this.#readSettings(bucketId)).get(kind)
  }

  /** As `setting`, by the bucket's name. */
  settingOf(name: string, kind: BucketSettingKind): string | undefined {
    return this.#known(name)?.settings.get(kind)
  }

  putSetting(bucketId: number, kind: BucketSettingKind, document: string): void {
    this.#forget()
    this.#index
      .prepare(
        `INSERT INTO bucket_setting (bucket_id, kind, document) VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET document = excluded.document`,
      )
      .run(bucketId, kind, document)
  }

  deleteSetting(bucketId: number, kind: BucketSettingKind): void {
    this.#forget()
    this.#index.prepare('DELETE FROM bucket_setting WHERE bucket_id = ? AND kind = ?').run(bucketId, kind)
  }

  /** Whether what is kept is what a read has to see: not so within a transaction that has changed it. */
  get #isKept(): boolean {
    return !(this.#isChanged && this.#index.isChanging)
  }

  #known(name: string): KnownBucket | undefined {
    const kept = this.#isKept ? this.#byName.get(name) : undefined
    if (kept !== undefined) return kept
    const row = this.#index.prepare(`SELECT ${COLUMNS} FROM bucket WHERE name = ?`).get(name)
    if (row === undefined) return undefined
    const bucket = toBucket(row as unknown as BucketRow)
    const known = { bucket, settings: this.#readSettings(bucket.id) }
    if (this.#isKept) this.#keep(known)
    return known
  }

  #readSettings(bucketId: number): ReadonlyMap<string, string> {
    const rows = this.#index.prepare('SELECT kind, document FROM bucket_setting WHERE bucket_id = ?').all(bucketId)
    return new Map(rows.map(({ kind, document }) => [String(kind), String(document)]))
  }

  #keep(known: KnownBucket): void {
    if (this.#byName.size >= CAPACITY) this.#clear()
    this.#byName.set(known.bucket.name, known)
    this.#byId.set(known.bucket.id, known)
  }

  /** What is kept stays right for others until the change is committed. */
  #forget(): void {
    if (this.#isChanged) return
    this.#isChanged = true
    this.#index.afterGroup(() => {
      this.#isChanged = false
      this.#clear()
    })
  }

  #clear(): void {
    this.#byName.clear()
    this.#byId.clear()
  }
}
