import type { BucketRef } from '../../buckets/bucket-records.ts'
import type { Sql } from '../../db/database.ts'
import type { InventoryPlace } from './find-delivery.ts'

/** Where a bucket has files of S3 Inventory. */
export interface InventorySource extends InventoryPlace {
  /** The manifest that was counted last. */
  readonly manifest: string | null
  readonly problem: string | null
}

export async function findSource(sql: Sql, { store, bucket }: BucketRef): Promise<InventorySource | undefined> {
  const [row] = await sql.query<InventorySource>(
    `select files_bucket as bucket, files_prefix as prefix, manifest, problem from usage_sources
     where store = $1 and bucket = $2`,
    [store, bucket],
  )
  return row
}

/** @param place null: there are none any more */
export async function saveSource(tx: Sql, { store, bucket }: BucketRef, place: InventoryPlace | null): Promise<void> {
  await tx.query(`delete from usage_sources where store = $1 and bucket = $2`, [store, bucket])
  if (place === null) return
  await tx.query(
    `insert into usage_sources (store, bucket, files_bucket, files_prefix) values ($1, $2, $3, $4)
     on conflict (store, bucket) do nothing`,
    [store, bucket, place.bucket, place.prefix],
  )
}

/** Records that the files were checked, with the manifest that was counted or the problem. */
export async function noteLook(
  sql: Sql,
  { store, bucket }: BucketRef,
  { manifest, problem }: { readonly manifest?: string; readonly problem?: string },
): Promise<void> {
  await sql.query(
    `update usage_sources set looked_at = now(), problem = $4, manifest = coalesce($3, manifest)
     where store = $1 and bucket = $2`,
    [store, bucket, manifest ?? null, problem ?? null],
  )
}
