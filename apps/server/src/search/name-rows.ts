import type { StoreId } from '@skycrate/core/naming/store'
import type { Sql } from '../db/database.ts'
import { folded, nameOfKey } from './folded.ts'

export interface NameEntry {
  readonly key: string
  /** Undefined for a folder, and for what was not looked at. */
  readonly size?: number | undefined
  readonly modifiedAt?: Date | string | undefined
}

/** PostgreSQL has no form for U+0000. */
export const isStorable = (key: string): boolean => !key.includes('\0')

/** Makes the bucket known, if it is not. */
export async function bucketIdOf(sql: Sql, store: StoreId, bucket: string): Promise<number> {
  const [row] = await sql.query<{ id: number }>(
    `with made as (insert into search_buckets (store, bucket) values ($1, $2) on conflict do nothing returning id)
     select id from made union all select id from search_buckets where store = $1 and bucket = $2 limit 1`,
    [store, bucket],
  )
  if (row) return row.id
  // Another process made it between the two halves of the statement.
  return bucketIdOf(sql, store, bucket)
}

/** Adds and corrects entries; what is as it was is not written. */
export async function upsertNames(sql: Sql, bucketId: number, entries: readonly NameEntry[]): Promise<void> {
  const unique = [...new Map(entries.filter(({ key }) => isStorable(key)).map((entry) => [entry.key, entry])).values()]
  if (unique.length === 0) return
  await sql.query(
    `insert into search_names (bucket_id, key, folded, size, modified_at)
     select $1, * from unnest($2::text[], $3::text[], $4::bigint[], $5::timestamptz[])
     on conflict (bucket_id, key) do update
       set size = coalesce(excluded.size, search_names.size),
         modified_at = coalesce(excluded.modified_at, search_names.modified_at), seen_at = clock_timestamp()
       where search_names.size is distinct from coalesce(excluded.size, search_names.size)
         or search_names.modified_at is distinct from coalesce(excluded.modified_at, search_names.modified_at)`,
    [
      bucketId,
      unique.map(({ key }) => key),
      unique.map(({ key }) => folded(nameOfKey(key))),
      unique.map(({ size }) => size ?? null),
      unique.map(({ modifiedAt }) => modifiedAt ?? null),
    ],
  )
}

export async function deleteNames(sql: Sql, bucketId: number, keys: readonly string[]): Promise<void> {
  const known = keys.filter(isStorable)
  if (known.length === 0) return
  await sql.query('delete from search_names where bucket_id = $1 and key = any($2)', [bucketId, known])
}

/**
 * Makes a stretch of a bucket what a listing says: everything after one key, up to another.
 * @param through undefined for the end of the bucket
 * @param askedAt what was noted later than the listing was asked for stays
 */
export async function replaceStretch(
  sql: Sql,
  bucketId: number,
  stretch: { readonly after: string | undefined; readonly through: string | undefined; readonly askedAt: Date },
  entries: readonly NameEntry[],
): Promise<void> {
  await sql.query(
    `delete from search_names where bucket_id = $1 and key > $2 and ($3::text is null or key <= $3)
       and seen_at < $4 and not (key = any($5))`,
    [
      bucketId,
      stretch.after ?? '',
      stretch.through ?? null,
      stretch.askedAt,
      entries.map(({ key }) => key).filter(isStorable),
    ],
  )
  await upsertNames(sql, bucketId, entries)
}
