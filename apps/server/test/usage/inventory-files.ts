import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { parquetWriteBuffer } from 'hyparquet-writer'

/** A row as S3 Inventory tells of it. */
export interface Listed {
  readonly key: string
  readonly size: number | null
  readonly modified: string
  readonly etag: string | null
  readonly storageClass: string | null
  readonly versionId?: string
  readonly isLatest?: boolean
  readonly isMarker?: boolean
  /** Of Intelligent-Tiering, in a column of its own where any is there. */
  readonly tier?: string
}

export const CSV_SCHEMA =
  'Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag, StorageClass, ReplicationStatus'

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`

/** As S3 writes it: all quoted, keys percent-encoded with `+` for a space. */
export const csvFile = (bucket: string, rows: readonly Listed[]): Buffer =>
  gzipSync(
    rows
      .map((row) =>
        [
          bucket,
          encodeURIComponent(row.key).replaceAll('%20', '+').replaceAll('%2F', '/'),
          row.versionId ?? '',
          String(row.isLatest ?? true),
          String(row.isMarker ?? false),
          row.size === null ? '' : String(row.size),
          row.modified,
          row.etag ?? '',
          row.storageClass ?? '',
          '',
          ...(row.tier === undefined ? [] : [row.tier]),
        ]
          .map(quoted)
          .join(','),
      )
      .join('\n'),
  )

export const PARQUET_SCHEMA = `message s3.inventory { required binary bucket (UTF8); required binary key (UTF8);
  optional binary version_id (UTF8); optional boolean is_latest; optional boolean is_delete_marker; optional int64 size;
  optional int64 last_modified_date (TIMESTAMP_MILLIS); optional binary e_tag (UTF8); optional binary storage_class (UTF8); }`

export const parquetFile = (bucket: string, rows: readonly Listed[], rowGroupSize = 1000): Buffer =>
  Buffer.from(
    parquetWriteBuffer({
      rowGroupSize,
      columnData: [
        { name: 'bucket', data: rows.map(() => bucket), type: 'STRING' },
        { name: 'key', data: rows.map(({ key }) => key), type: 'STRING' },
        { name: 'version_id', data: rows.map(({ versionId }) => versionId ?? null), type: 'STRING', nullable: true },
        { name: 'is_latest', data: rows.map(({ isLatest }) => isLatest ?? true), type: 'BOOLEAN', nullable: true },
        {
          name: 'is_delete_marker',
          data: rows.map(({ isMarker }) => isMarker ?? false),
          type: 'BOOLEAN',
          nullable: true,
        },
        {
          name: 'size',
          data: rows.map(({ size }) => (size === null ? null : BigInt(size))),
          type: 'INT64',
          nullable: true,
        },
        {
          name: 'last_modified_date',
          data: rows.map(({ modified }) => new Date(modified)),
          type: 'TIMESTAMP',
          nullable: true,
        },
        { name: 'e_tag', data: rows.map(({ etag }) => etag), type: 'STRING', nullable: true },
        { name: 'storage_class', data: rows.map(({ storageClass }) => storageClass), type: 'STRING', nullable: true },
      ],
    }),
  )

export const md5 = (bytes: Buffer | string): string => createHash('md5').update(bytes).digest('hex')

/** Puts a delivery as S3 does: the files, the manifest, and the manifest's checksum last. */
export async function deliver(
  client: S3Client,
  to: { readonly bucket: string; readonly prefix: string; readonly time: string },
  delivery: {
    readonly source: string
    readonly format: string
    readonly schema: string
    readonly files: readonly Buffer[]
    readonly createdAt: number
    /** What the manifest says otherwise. */
    readonly manifest?: (manifest: Record<string, unknown>) => Record<string, unknown>
    readonly checksum?: string | null
  },
): Promise<string> {
  const put = (Key: string, Body: Buffer | string) =>
    client.send(new PutObjectCommand({ Bucket: to.bucket, Key, Body }))
  const ending = delivery.format === 'CSV' ? 'csv.gz' : 'parquet'
  const files = await Promise.all(
    delivery.files.map(async (body, at) => {
      const key = `${to.prefix}data/${to.time}-${at}.${ending}`
      await put(key, body)
      return { key, size: body.length, MD5checksum: md5(body) }
    }),
  )
  const plain = {
    sourceBucket: delivery.source,
    destinationBucket: `arn:aws:s3:::${to.bucket}`,
    version: '2016-11-30',
    creationTimestamp: String(delivery.createdAt),
    fileFormat: delivery.format,
    fileSchema: delivery.schema,
    files,
  }
  const manifest = JSON.stringify(delivery.manifest?.(plain) ?? plain)
  const folder = `${to.prefix}${to.time}/`
  await put(`${folder}manifest.json`, manifest)
  if (delivery.checksum !== null) await put(`${folder}manifest.checksum`, delivery.checksum ?? md5(manifest))
  return `${folder}manifest.json`
}
