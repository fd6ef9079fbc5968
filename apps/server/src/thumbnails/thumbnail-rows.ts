import { createHash } from 'node:crypto'
import type { ThumbnailRefusal } from '@skycrate/contract/thumbnails/schemas'
import type { StoreId } from '@skycrate/core/naming/store'
import type { Sql } from '../db/database.ts'

export interface ImagePlace {
  readonly store: StoreId
  readonly bucket: string
  readonly key: string
}

export interface ThumbnailRow extends ImagePlace {
  /** Of the image that it was or is to be made of. */
  readonly etag: string
  readonly state: 'pending' | 'ready' | 'refused'
  readonly reason: ThumbnailRefusal | null
  readonly width: number | null
  readonly height: number | null
  readonly changed_at: Date
}

/** Where SkyCrate keeps what it makes of objects, in the bucket that they are in: so that it ends with the bucket. */
export const RESERVED_PREFIX = '.skycrate/'

/** One key an image, whatever its name is. */
export function thumbnailKey({ key }: Pick<ImagePlace, 'key'>): string {
  return `${RESERVED_PREFIX}thumbnails/${createHash('sha256').update(key).digest('hex').slice(0, 40)}.webp`
}

export async function thumbnailsOf(
  sql: Sql,
  { store, bucket }: Omit<ImagePlace, 'key'>,
  keys: readonly string[],
): Promise<Map<string, ThumbnailRow>> {
  const rows = await sql.query<ThumbnailRow>(
    `select * from thumbnails where store = $1 and bucket = $2 and key = any($3)`,
    [store, bucket, keys],
  )
  return new Map(rows.map((row) => [row.key, row]))
}

/** @returns whether it has to be made: there is none of this image yet */
export async function expectThumbnail(sql: Sql, { store, bucket, key }: ImagePlace, etag: string): Promise<boolean> {
  const rows = await sql.query(
    `insert into thumbnails (store, bucket, key, etag, state) values ($1, $2, $3, $4, 'pending')
     on conflict (store, bucket, key) do update
       set etag = excluded.etag, state = 'pending', reason = null, width = null, height = null, changed_at = now()
       where thumbnails.etag <> excluded.etag
     returning key`,
    [store, bucket, key, etag],
  )
  return rows.length > 0
}

export async function settleThumbnail(
  sql: Sql,
  { store, bucket, key }: ImagePlace,
  to: Pick<ThumbnailRow, 'etag' | 'state' | 'reason' | 'width' | 'height'>,
): Promise<void> {
  await sql.query(
    `insert into thumbnails (store, bucket, key, etag, state, reason, width, height)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (store, bucket, key) do update
       set etag = excluded.etag, state = excluded.state, reason = excluded.reason, width = excluded.width,
           height = excluded.height, changed_at = now(), checked_at = now()`,
    [store, bucket, key, to.etag, to.state, to.reason, to.width, to.height],
  )
}

export async function forgetThumbnail(sql: Sql, { store, bucket, key }: ImagePlace): Promise<void> {
  await sql.query(`delete from thumbnails where store = $1 and bucket = $2 and key = $3`, [store, bucket, key])
}

/** Those that were not compared with the store for longest, and not since a day. */
export function uncheckedThumbnails(sql: Sql, limit: number): Promise<ThumbnailRow[]> {
  return sql.query<ThumbnailRow>(
    `select * from thumbnails where checked_at < now() - interval '1 day' order by checked_at limit $1`,
    [limit],
  )
}

export async function noteChecked(sql: Sql, { store, bucket, key }: ImagePlace): Promise<void> {
  await sql.query(`update thumbnails set checked_at = now() where store = $1 and bucket = $2 and key = $3`, [
    store,
    bucket,
    key,
  ])
}
