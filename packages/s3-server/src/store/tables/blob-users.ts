import type { BlobId } from '../blobs/blob-id.ts'
import type { IndexDatabase } from '../index/index-database.ts'

/** What refers to a blob: a version of an object, or a part of an open upload. */
export interface BlobUser {
  readonly blobId: BlobId
  readonly kind: 'version' | 'upload-part'
  readonly bucketId: number
  readonly bucket: string
  readonly key: string
  /** The version's id, or the upload's. */
  readonly id: string
  /** Undefined for the whole of an object. */
  readonly part: number | undefined
}

const version = (table: string): string => `
  SELECT v.blob_id AS blobId, 'version' AS kind, v.bucket_id AS bucketId, b.name AS bucket, v.key, v.version_id AS id,
    NULL AS part
  FROM ${table} v JOIN bucket b ON b.id = v.bucket_id JOIN asked ON asked.value = v.blob_id
  UNION ALL
  SELECT p.blob_id, 'version', v.bucket_id, b.name, v.key, v.version_id, p.number
  FROM asked JOIN object_part p ON p.blob_id = asked.value JOIN ${table} v ON v.sequence = p.sequence
    JOIN bucket b ON b.id = v.bucket_id`

const SQL = `
  WITH asked AS (SELECT value FROM json_each(?))
  ${version('object')} UNION ALL ${version('object_history')}
  UNION ALL
  SELECT p.blob_id, 'upload-part', u.bucket_id, b.name, u.key, u.id, p.number
  FROM asked JOIN upload_part p ON p.blob_id = asked.value JOIN upload u ON u.id = p.upload_id
    JOIN bucket b ON b.id = u.bucket_id`

/** Who loses something when these blobs are damaged. Reads whole tables: for a few calls, not for a request. */
export const findBlobUsers = (index: IndexDatabase, ids: readonly BlobId[]): readonly BlobUser[] => {
  if (ids.length === 0) return []
  const rows = index.prepare(SQL).all(JSON.stringify(ids)) as unknown as (Omit<BlobUser, 'part'> & {
    part: number | null
  })[]
  return rows.map((row) => ({ ...row, part: row.part ?? undefined }))
}
