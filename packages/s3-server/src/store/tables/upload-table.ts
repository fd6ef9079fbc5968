import { randomBytes } from 'node:crypto'
import type { ChecksumAlgorithm, Checksums } from '../../checksum/checksum-algorithm.ts'
import type { BlobId } from '../blobs/blob-id.ts'
import type { Blob } from '../blobs/blob-store.ts'
import type { BlobTable } from './blob-table.ts'
import type { Bucket } from './bucket-table.ts'
import { readEncryption, writeEncryption } from '../keys/encryption.ts'
import type { Encryption } from '../keys/encryption.ts'
import type { IndexDatabase } from '../index/index-database.ts'
import type { NewVersion, ObjectTable, PutResult } from './object-table.ts'
import type { ChecksumType, ObjectAttributes } from './object-version.ts'

/** What an upload was begun with: the attributes its object will have. */
export interface UploadAttributes extends ObjectAttributes {
  readonly checksumAlgorithm?: ChecksumAlgorithm
  readonly uploadChecksumType?: ChecksumType
}

export interface Upload {
  readonly bucketId: number
  readonly key: string
  readonly id: string
  /** Milliseconds since 1970. */
  readonly initiatedAt: number
  readonly storageClass: string
  readonly encryption: Encryption | undefined
  readonly attributes: UploadAttributes
}

export interface UploadPart {
  readonly number: number
  readonly modifiedAt: number
  readonly size: number
  /** The MD5 of the part in hex. */
  readonly etag: string
  readonly blobId: BlobId
  readonly checksums: Checksums
}

/** What a completed upload answered. */
export interface CompletedUpload {
  readonly etag: string
  readonly versionId: string
  readonly checksums: Checksums
}

interface UploadRow extends Omit<Upload, 'encryption' | 'attributes'> {
  readonly encryption: string | null
  readonly attributes: string
}

const UPLOAD_COLUMNS = `bucket_id AS bucketId, key, id, initiated_at AS initiatedAt, storage_class AS storageClass,
  encryption, attributes`
const PART_COLUMNS = 'number, modified_at AS modifiedAt, size, etag, blob_id AS blobId, checksums'
const DAY = 86_400_000

const toUpload = (row: UploadRow): Upload => ({
  ...row,
  encryption: readEncryption(row.encryption),
  attributes: JSON.parse(row.attributes) as UploadAttributes,
})

const toPart = (row: Omit<UploadPart, 'checksums'> & { checksums: string }): UploadPart => ({
  ...row,
  checksums: JSON.parse(row.checksums) as Checksums,
})

/** Open multipart uploads and their parts. Methods that change something run inside `IndexDatabase.write`. */
export class UploadTable {
  readonly #index: IndexDatabase
  readonly #blobs: BlobTable
  readonly #objects: ObjectTable

  constructor(index: IndexDatabase, blobs: BlobTable, objects: ObjectTable) {
    this.#index = index
    this.#blobs = blobs
    this.#objects = objects
  }

  create(upload: Omit<Upload, 'id'>): string {
    const id = randomBytes(24).toString('base64url')
    this.#index
      .prepare(
        `INSERT INTO upload (bucket_id, key, id, initiated_at, storage_class, encryption, attributes)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        upload.bucketId,
        upload.key,
        id,
        upload.initiatedAt,
        upload.storageClass,
        writeEncryption(upload.encryption),
        JSON.stringify(upload.attributes),
      )
    return id
  }

  find(bucketId: number, key: string, id: string): Upload | undefined {
    const row = this.#index
      .prepare(`SELECT ${UPLOAD_COLUMNS} FROM upload WHERE bucket_id = ? AND key = ? AND id = ?`)
      .get(bucketId, key, id)
    return row === undefined ? undefined : toUpload(row as unknown as UploadRow)
  }

  /** Uploads in order of key and id, from the first not below the place given. */
  *iterate(bucketId: number, fromKey: string): Generator<Upload, void, undefined> {
    const rows = this.#index
      .prepare(`SELECT ${UPLOAD_COLUMNS} FROM upload WHERE bucket_id = ? AND key >= ? ORDER BY key, id`)
      .iterate(bucketId, fromKey)
    for (const row of rows) yield toUpload(row as unknown as UploadRow)
  }

  /** In order of their numbers, from the first above `after`. */
  parts(uploadId: string, after: number, limit: number): readonly UploadPart[] {
    return this.#index
      .prepare(`SELECT ${PART_COLUMNS} FROM upload_part WHERE upload_id = ? AND number > ? ORDER BY number LIMIT ?`)
      .all(uploadId, after, limit)
      .map((row) => toPart(row as unknown as Parameters<typeof toPart>[0]))
  }

  /** Stores a part; a part of the same number is replaced, its blob freed. */
  putPart(uploadId: string, part: UploadPart, blob: Blob): readonly BlobId[] {
    this.#blobs.add(blob)
    const old = this.#index
      .prepare('SELECT blob_id AS blobId FROM upload_part WHERE upload_id = ? AND number = ?')
      .get(uploadId, part.number) as { blobId: BlobId } | undefined
    this.#index
      .prepare(
        `INSERT OR REPLACE INTO upload_part (upload_id, number, modified_at, size, etag, blob_id, checksums)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(uploadId, part.number, part.modifiedAt, part.size, part.etag, part.blobId, JSON.stringify(part.checksums))
    return old !== undefined && this.#blobs.release(old.blobId) ? [old.blobId] : []
  }

  /** Makes the object of the parts used, drops the others, and remembers the answer. */
  complete(bucket: Bucket, upload: Upload, version: NewVersion): PutResult {
    const used = new Set((version.parts ?? []).map((part) => part.blobId))
    const unused = this.parts(upload.id, 0, 10_000)
      .map((part) => part.blobId)
      .filter((id) => !used.has(id) && this.#blobs.release(id))
    this.#remove(upload)
    const result = this.#objects.put(bucket, version)
    this.#index.prepare('DELETE FROM completed_upload WHERE completed_at < ?').run(version.modifiedAt - DAY)
    this.#index
      .prepare(
        `INSERT INTO completed_upload (id, bucket_id, key, completed_at, etag, version_id, checksums)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        upload.id,
        bucket.id,
        upload.key,
        version.modifiedAt,
        version.etag,
        result.versionId,
        JSON.stringify(version.attributes.checksums),
      )
    return { versionId: result.versionId, freed: [...unused, ...result.freed] }
  }

  completed(bucketId: number, key: string, id: string): CompletedUpload | undefined {
    const row = this.#index
      .prepare(
        `SELECT etag, version_id AS versionId, checksums FROM completed_upload
         WHERE id = ? AND bucket_id = ? AND key = ?`,
      )
      .get(id, bucketId, key) as (Omit<CompletedUpload, 'checksums'> & { checksums: string }) | undefined
    return row === undefined ? undefined : { ...row, checksums: JSON.parse(row.checksums) as Checksums }
  }

  /** Drops an upload and its parts; the blobs that nothing refers to any more. */
  abort(upload: Upload): readonly BlobId[] {
    const freed = this.parts(upload.id, 0, 10_000)
      .map((part) => part.blobId)
      .filter((id) => this.#blobs.release(id))
    this.#remove(upload)
    return freed
  }

  #remove({ bucketId, key, id }: Upload): void {
    this.#index.prepare('DELETE FROM upload_part WHERE upload_id = ?').run(id)
    this.#index.prepare('DELETE FROM upload WHERE bucket_id = ? AND key = ? AND id = ?').run(bucketId, key, id)
  }
}
