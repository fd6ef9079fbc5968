import type { FileRecord } from '@skycrate/contract/files/schemas'
import type { Id, UserId } from '@skycrate/core/naming/id'
import type { StoreId } from '@skycrate/core/naming/store'
import type { Sql } from '../db/database.ts'

export type FileId = Id<'fil'>

export interface FileRow {
  readonly id: FileId
  readonly owner_id: UserId
  readonly store: StoreId
  readonly bucket: string
  readonly key: string
  readonly filename: string
  readonly size: number
  readonly content_type: string | null
  readonly width: number | null
  readonly height: number | null
  readonly metadata: Readonly<Record<string, string>>
  readonly state: 'ready' | 'deleting'
  readonly created_at: Date
  readonly updated_at: Date
}

export async function findFile(sql: Sql, id: string, lock = false): Promise<FileRow | undefined> {
  const [row] = await sql.query<FileRow>(`select * from files where id = $1 ${lock ? 'for update' : ''}`, [id])
  return row
}

export async function fileAt(sql: Sql, store: StoreId, bucket: string, key: string): Promise<FileRow | undefined> {
  const [row] = await sql.query<FileRow>(
    `select * from files where store = $1 and bucket = $2 and key = $3 for update`,
    [store, bucket, key],
  )
  return row
}

/** What an object was found to be. */
export type Looked = Pick<FileRow, 'size' | 'content_type' | 'width' | 'height'>

/** @returns undefined where the object has a record already */
export async function insertFile(
  sql: Sql,
  file: Pick<FileRow, 'id' | 'owner_id' | 'store' | 'bucket' | 'key' | 'filename' | 'metadata'> & Looked,
): Promise<FileRow | undefined> {
  const [row] = await sql.query<FileRow>(
    `insert into files (id, owner_id, store, bucket, key, filename, size, content_type, width, height, metadata)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict (store, bucket, key) do nothing returning *`,
    [
      file.id,
      file.owner_id,
      file.store,
      file.bucket,
      file.key,
      file.filename,
      file.size,
      file.content_type,
      file.width,
      file.height,
      JSON.stringify(file.metadata),
    ],
  )
  return row
}

export async function updateFile(
  sql: Sql,
  id: FileId,
  change: Partial<Pick<FileRow, 'filename' | 'metadata'> & Looked>,
): Promise<FileRow> {
  const values: unknown[] = [id]
  const sets = Object.entries(change).map(
    ([name, value]) => `${name} = $${values.push(name === 'metadata' ? JSON.stringify(value) : value)}`,
  )
  const [row] = await sql.query<FileRow>(
    `update files set ${[...sets, 'updated_at = now()'].join(', ')} where id = $1 returning *`,
    values,
  )
  return row!
}

/** Newest first. */
export function listFiles(
  sql: Sql,
  filter: {
    readonly ownerId: UserId
    readonly before: string | undefined
    readonly bucket: string | undefined
    readonly images: boolean
    readonly limit: number
  },
): Promise<FileRow[]> {
  const values: unknown[] = [filter.ownerId, filter.limit]
  const conditions = [`owner_id = $1`, `state = 'ready'`]
  if (filter.before !== undefined) conditions.push(`id < $${values.push(filter.before)}`)
  if (filter.bucket !== undefined) conditions.push(`bucket = $${values.push(filter.bucket)}`)
  if (filter.images) conditions.push(`content_type like 'image/%'`)
  return sql.query<FileRow>(`select * from files where ${conditions.join(' and ')} order by id desc limit $2`, values)
}

export const viewOf = (row: FileRow): FileRecord => ({
  id: row.id,
  bucket: row.bucket,
  key: row.key,
  filename: row.filename,
  size: row.size,
  contentType: row.content_type,
  width: row.width,
  height: row.height,
  metadata: row.metadata,
  ownerId: row.owner_id,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
})
