import { inventoryUnreadable } from './inventory-unreadable.ts'

export interface InventoryFile {
  readonly key: string
  /** Bytes. */
  readonly size: number
  /** Hexadecimal. */
  readonly md5: string
}

/** One inventory of a bucket, as its manifest tells of it. */
export interface Manifest {
  /** Milliseconds since the epoch: of which time it tells. */
  readonly createdAt: number
  readonly format: 'CSV' | 'Parquet'
  /** Where the files lie. */
  readonly bucket: string
  /** Names of the columns as `columnName` has them, in their order. */
  readonly columns: readonly string[]
  readonly files: readonly InventoryFile[]
}

const MAX_FILES = 100_000
/** What counts, by the name of its column; of the others some may be missing. */
const NEEDED = ['key', 'size', 'lastmodifieddate', 'storageclass'] as const

/** `LastModifiedDate` and `last_modified_date` are one. */
export const columnName = (name: string): string => name.trim().toLowerCase().replaceAll('_', '')

/**
 * @param source the bucket that it is to be about
 * @throws AppError `inventory-unreadable`
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html
 */
export function parseManifest(text: string, source: string): Manifest {
  let value: Record<string, unknown>
  try {
    value = JSON.parse(text) as Record<string, unknown>
  } catch (error) {
    throw inventoryUnreadable('manifest.json is no JSON', error)
  }
  if (typeof value !== 'object' || value === null) throw inventoryUnreadable('manifest.json holds no object')
  const { sourceBucket, destinationBucket, creationTimestamp, fileFormat, fileSchema, files } = value
  if (sourceBucket !== source) {
    throw inventoryUnreadable(`it is about the bucket ${shown(sourceBucket)}, not ${source}`)
  }
  if (fileFormat === 'ORC') {
    throw inventoryUnreadable('its format is ORC, which SkyCrate does not read: set the inventory to Parquet or CSV')
  }
  if (fileFormat !== 'CSV' && fileFormat !== 'Parquet') {
    throw inventoryUnreadable(`its format is ${shown(fileFormat)}, neither Parquet nor CSV`)
  }
  const createdAt = Number(creationTimestamp)
  if (!Number.isSafeInteger(createdAt) || createdAt <= 0) {
    throw inventoryUnreadable('creationTimestamp in manifest.json is no time')
  }
  if (typeof fileSchema !== 'string') throw inventoryUnreadable('manifest.json has no fileSchema')
  if (typeof destinationBucket !== 'string') throw inventoryUnreadable('manifest.json has no destinationBucket')
  const columns = fileFormat === 'CSV' ? fileSchema.split(',').map(columnName) : parquetColumns(fileSchema)
  requireColumns(columns)
  if (!Array.isArray(files)) throw inventoryUnreadable('manifest.json has no files')
  if (files.length > MAX_FILES) throw inventoryUnreadable(`it has more than ${MAX_FILES} files`)
  const parsed = files.map(fileOf)
  if (new Set(parsed.map(({ key }) => key)).size < parsed.length) throw inventoryUnreadable('it names a file twice')
  return {
    createdAt,
    format: fileFormat,
    bucket: destinationBucket.replace(/^arn:aws[\w-]*:s3:::/, ''),
    columns,
    files: parsed,
  }
}

/** `message s3.inventory { required binary bucket (UTF8); … }` */
const parquetColumns = (schema: string): string[] =>
  [...schema.matchAll(/(?:required|optional)\s+\w+\s+(\w+)/g)].map(([, name]) => columnName(name ?? ''))

/** @throws AppError `inventory-unreadable` that names the fields to add */
export function requireColumns(columns: readonly string[]): void {
  const missing = NEEDED.filter((name) => !columns.includes(name))
  if (missing.length > 0) {
    throw inventoryUnreadable(
      `its columns lack ${missing.join(', ')}: add the fields Size, LastModifiedDate and StorageClass to the inventory`,
    )
  }
}

function fileOf(file: unknown): InventoryFile {
  const { key, size, MD5checksum: md5 } = (file ?? {}) as Record<string, unknown>
  if (typeof key !== 'string' || key === '') throw inventoryUnreadable('a file in manifest.json has no key')
  if (!Number.isSafeInteger(size) || (size as number) < 0) {
    throw inventoryUnreadable(`manifest.json names no size of ${key}`)
  }
  if (typeof md5 !== 'string' || !/^[0-9a-f]{32}$/i.test(md5)) {
    throw inventoryUnreadable(`manifest.json names no MD5 checksum of ${key}`)
  }
  return { key, size: size as number, md5: md5.toLowerCase() }
}

const shown = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 64) : 'none')
