import type { EventOrigin } from '../../events/queued-event.ts'
import type { BlobId } from '../blobs/blob-id.ts'
import type { BlobTable } from './blob-table.ts'
import type { Bucket } from './bucket-table.ts'
import type { EventTable } from './event-table.ts'
import { readEncryption, writeEncryption } from '../keys/encryption.ts'
import type { IndexDatabase } from '../index/index-database.ts'
import { defaultRetention, isLocked } from './object-lock.ts'
import type { LockPass } from './object-lock.ts'
import { NULL_VERSION } from './object-version.ts'
import { makeVersionId, versionIdSequence } from './version-id.ts'
import type { DeleteMarker, ObjectAttributes, ObjectPart, ObjectVersion } from './object-version.ts'

const STORED = 'sequence, version_id, modified_at, size, etag, storage_class, blob_id, encryption, attributes'
const COLUMNS = `bucket_id AS bucketId, key, sequence, version_id AS versionId, modified_at AS modifiedAt, size, etag,
  storage_class AS storageClass, blob_id AS blobId, encryption, attributes`

interface VersionRow extends Omit<ObjectVersion, 'blobId' | 'encryption' | 'attributes'> {
  readonly blobId: BlobId | null
  readonly encryption: string | null
  readonly attributes: string
}

interface HistoryRow extends VersionRow {
  readonly isDeleteMarker: 0 | 1
}

/** How an object came about, and by whom. */
export interface Creation {
  readonly how: 'Put' | 'Post' | 'Copy' | 'CompleteMultipartUpload'
  readonly origin: EventOrigin
}

/** A version to be stored; the table gives it its sequence and version id. */
export type NewVersion = Omit<ObjectVersion, 'bucketId' | 'sequence' | 'versionId'> & {
  readonly parts?: readonly ObjectPart[]
  readonly created: Creation
}

export interface PutResult {
  readonly versionId: string
  /** Blobs that nothing refers to any more. */
  readonly freed: readonly BlobId[]
}

export interface DeleteResult {
  readonly versionId: string | undefined
  /** Whether a delete marker was made, or was what was deleted. */
  readonly deleteMarker: boolean
  readonly freed: readonly BlobId[]
}

/** What a version id leads to. */
export type FoundVersion =
  | { readonly kind: 'object'; readonly version: ObjectVersion }
  | { readonly kind: 'delete-marker'; readonly marker: DeleteMarker }

/** What events call the content of a delete marker. */
const NO_BYTES_MD5 = 'd41d8cd98f00b204e9800998ecf8427e'

const removalBy = ({ by }: EventOrigin): 'ObjectRemoved' | 'LifecycleExpiration' =>
  by === 'lifecycle' ? 'LifecycleExpiration' : 'ObjectRemoved'

const toVersion = (row: VersionRow): ObjectVersion => ({
  bucketId: row.bucketId,
  key: row.key,
  sequence: row.sequence,
  versionId: row.versionId,
  modifiedAt: row.modifiedAt,
  size: row.size,
  etag: row.etag,
  storageClass: row.storageClass,
  blobId: row.blobId ?? undefined,
  encryption: readEncryption(row.encryption),
  attributes: JSON.parse(row.attributes) as ObjectAttributes,
})

const retained = ({ objectLock }: Bucket, { attributes, modifiedAt }: NewVersion): ObjectAttributes => {
  const retention =
    attributes.retention ?? (objectLock === undefined ? undefined : defaultRetention(objectLock, modifiedAt))
  return retention === undefined ? attributes : { ...attributes, retention }
}

/**
 * Objects and their versions. The current version lies in `object`, older ones and delete markers in `object_history`.
 * Methods that change something run inside `IndexDatabase.write` and are atomic there.
 */
export class ObjectTable {
  readonly #index: IndexDatabase
  readonly #blobs: BlobTable
  readonly #events: EventTable

  constructor(index: IndexDatabase, blobs: BlobTable, events: EventTable) {
    this.#index = index
    this.#blobs = blobs
    this.#events = events
  }

  /** The current version; undefined when there is none or a delete marker hides it. */
  current(bucketId: number, key: string): ObjectVersion | undefined {
    const row = this.#index.prepare(`SELECT ${COLUMNS} FROM object WHERE bucket_id = ? AND key = ?`).get(bucketId, key)
    return row === undefined ? undefined : toVersion(row as unknown as VersionRow)
  }

  find(bucketId: number, key: string, versionId: string): FoundVersion | undefined {
    const current = this.current(bucketId, key)
    if (current?.versionId === versionId) return { kind: 'object', version: current }
    const row = this.#history(bucketId, key, versionId)
    if (row === undefined) return undefined
    return row.isDeleteMarker === 1
      ? { kind: 'delete-marker', marker: row }
      : { kind: 'object', version: toVersion(row) }
  }

  /** The delete marker that hides the key now, if one does. */
  hidingMarker(bucketId: number, key: string): DeleteMarker | undefined {
    const row = this.#newestHistory(bucketId, key)
    return row?.isDeleteMarker === 1 && this.current(bucketId, key) === undefined ? row : undefined
  }

  /**
   * Where a version stands among those of its key, also one that is gone (a listing goes on while its versions are being
   * deleted); undefined when that can't be told.
   */
  sequenceOf(bucketId: number, key: string, versionId: string): { readonly sequence: number } | undefined {
    if (versionId !== NULL_VERSION) return versionIdSequence(versionId)
    const current = this.current(bucketId, key)
    return current?.versionId === versionId ? current : this.#history(bucketId, key, versionId)
  }

  /** In order of their numbers; empty for an object that is one blob. */
  parts(sequence: number): readonly ObjectPart[] {
    const rows = this.#index
      .prepare('SELECT number, size, blob_id AS blobId, checksums FROM object_part WHERE sequence = ? ORDER BY number')
      .all(sequence) as unknown as (Omit<ObjectPart, 'checksums'> & { checksums: string })[]
    return rows.map((row) => ({ ...row, checksums: JSON.parse(row.checksums) as ObjectPart['checksums'] }))
  }

  /**
   * Makes a version the current one. Its blobs must be in the blob table, counted for it. It gets the bucket's default
   * retention unless it comes with its own.
   */
  put(bucket: Bucket, version: NewVersion): PutResult {
    const { freed } = this.#makeRoom(bucket, version.key)
    const sequence = this.#index.nextSequence()
    const versionId = bucket.versioning === 'Enabled' ? makeVersionId(sequence) : NULL_VERSION
    this.#index
      .prepare(`INSERT INTO object (bucket_id, key, ${STORED}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
      .run(
        bucket.id,
        version.key,
        sequence,
        versionId,
        version.modifiedAt,
        version.size,
        version.etag,
        version.storageClass,
        version.blobId ?? null,
        writeEncryption(version.encryption),
        JSON.stringify(retained(bucket, version)),
      )
    for (const part of version.parts ?? []) {
      this.#index
        .prepare('INSERT INTO object_part (sequence, number, size, blob_id, checksums) VALUES (?, ?, ?, ?, ?)')
        .run(sequence, part.number, part.size, part.blobId, JSON.stringify(part.checksums))
    }
    const { key, size, etag, created } = version
    const name = `ObjectCreated:${created.how}` as const
    this.#events.raise(bucket, { name, key, size, etag, versionId }, created.origin)
    return { versionId, freed }
  }

  setAttributes(version: ObjectVersion, attributes: ObjectAttributes): void {
    for (const table of ['object', 'object_history']) {
      this.#index
        .prepare(`UPDATE ${table} SET attributes = ? WHERE bucket_id = ? AND key = ? AND sequence = ?`)
        .run(JSON.stringify(attributes), version.bucketId, version.key, version.sequence)
    }
  }

  /** A delete without version id: removes the object, or hides it behind a delete marker where versions are kept. */
  delete(bucket: Bucket, key: string, now: number, origin: EventOrigin): DeleteResult {
    const { freed, wasThere } = this.#makeRoom(bucket, key)
    const family = removalBy(origin)
    if (bucket.versioning === 'Unversioned') {
      if (wasThere) this.#events.raise(bucket, { name: `${family}:Delete`, key }, origin)
      return { versionId: undefined, deleteMarker: false, freed }
    }
    const sequence = this.#index.nextSequence()
    const versionId = bucket.versioning === 'Enabled' ? makeVersionId(sequence) : NULL_VERSION
    this.#index
      .prepare(
        `INSERT INTO object_history (bucket_id, key, ${STORED}, is_delete_marker)
         VALUES (?, ?, ?, ?, ?, 0, '', 'STANDARD', NULL, NULL, '{}', 1)`,
      )
      .run(bucket.id, key, sequence, versionId, now)
    this.#events.raise(bucket, { name: `${family}:DeleteMarkerCreated`, key, etag: NO_BYTES_MD5, versionId }, origin)
    return { versionId, deleteMarker: true, freed }
  }

  /**
   * Removes one version or delete marker for good; what was below it becomes current. `locked`: the version must not be
   * deleted, and nothing was done.
   */
  deleteVersion(
    bucket: Bucket,
    key: string,
    versionId: string,
    pass: LockPass,
    origin: EventOrigin,
  ): DeleteResult | 'locked' {
    const found = this.find(bucket.id, key, versionId)
    if (found?.kind === 'object' && isLocked(found.version.attributes, pass)) return 'locked'
    if (found !== undefined) {
      const name = `${removalBy(origin)}:Delete` as const
      this.#events.raise(bucket, { name, key, versionId }, origin)
    }
    return this.discardVersion(bucket.id, key, versionId)
  }

  /** As `deleteVersion`, whatever locks it: for a version whose bytes are lost. */
  discardVersion(bucketId: number, key: string, versionId: string): DeleteResult {
    const current = this.current(bucketId, key)
    if (current?.versionId === versionId) {
      const freed = this.#removeCurrent(current)
      this.#promote(bucketId, key)
      return { versionId, deleteMarker: false, freed }
    }
    const row = this.#history(bucketId, key, versionId)
    if (row === undefined) return { versionId, deleteMarker: false, freed: [] }
    const freed = this.#removeHistory(row)
    if (current === undefined) this.#promote(bucketId, key)
    return { versionId, deleteMarker: row.isDeleteMarker === 1, freed }
  }

  /** Clears the place of the current version by the bucket's rules: drops what was there, or moves it to the history. */
  #makeRoom(bucket: Bucket, key: string): { readonly freed: readonly BlobId[]; readonly wasThere: boolean } {
    const current = this.current(bucket.id, key)
    const freed: BlobId[] = []
    if (bucket.versioning === 'Suspended') {
      const older = this.#history(bucket.id, key, NULL_VERSION)
      if (older !== undefined) freed.push(...this.#removeHistory(older))
    }
    if (current === undefined) return { freed, wasThere: false }
    if (bucket.versioning === 'Enabled' || current.versionId !== NULL_VERSION) {
      this.#move('object', 'object_history', current)
      return { freed, wasThere: true }
    }
    return { freed: [...freed, ...this.#removeCurrent(current)], wasThere: true }
  }

  #history(bucketId: number, key: string, versionId: string): HistoryRow | undefined {
    return this.#index
      .prepare(
        `SELECT ${COLUMNS}, is_delete_marker AS isDeleteMarker FROM object_history
         WHERE bucket_id = ? AND key = ? AND version_id = ?`,
      )
      .get(bucketId, key, versionId) as HistoryRow | undefined
  }

  #newestHistory(bucketId: number, key: string): HistoryRow | undefined {
    return this.#index
      .prepare(
        `SELECT ${COLUMNS}, is_delete_marker AS isDeleteMarker FROM object_history
         WHERE bucket_id = ? AND key = ? ORDER BY sequence DESC LIMIT 1`,
      )
      .get(bucketId, key) as HistoryRow | undefined
  }

  #promote(bucketId: number, key: string): void {
    const newest = this.#newestHistory(bucketId, key)
    if (newest !== undefined && newest.isDeleteMarker === 0) this.#move('object_history', 'object', newest)
  }

  #move(from: 'object' | 'object_history', to: 'object' | 'object_history', row: ObjectVersion | VersionRow): void {
    const place = [row.bucketId, row.key, row.sequence] as const
    this.#index
      .prepare(
        `INSERT INTO ${to} (bucket_id, key, ${STORED})
         SELECT bucket_id, key, ${STORED} FROM ${from} WHERE bucket_id = ? AND key = ? AND sequence = ?`,
      )
      .run(...place)
    this.#index.prepare(`DELETE FROM ${from} WHERE bucket_id = ? AND key = ? AND sequence = ?`).run(...place)
  }

  #removeCurrent(version: ObjectVersion): BlobId[] {
    this.#index.prepare('DELETE FROM object WHERE bucket_id = ? AND key = ?').run(version.bucketId, version.key)
    return this.#releaseContent(version.sequence, version.blobId)
  }

  #removeHistory(row: HistoryRow): BlobId[] {
    this.#index
      .prepare('DELETE FROM object_history WHERE bucket_id = ? AND key = ? AND sequence = ?')
      .run(row.bucketId, row.key, row.sequence)
    return this.#releaseContent(row.sequence, row.blobId ?? undefined)
  }

  #releaseContent(sequence: number, blobId: BlobId | undefined): BlobId[] {
    const blobs = blobId === undefined ? this.parts(sequence).map((part) => part.blobId) : [blobId]
    if (blobId === undefined) this.#index.prepare('DELETE FROM object_part WHERE sequence = ?').run(sequence)
    return blobs.filter((id) => this.#blobs.release(id))
  }
}
