import type { Sql } from '../db/database.ts'
import type { Contents } from '../stores/object-store.ts'
import type { BucketRef } from './bucket-records.ts'

/** Keeps what a bucket was found to hold, unless something newer is known. */
export async function saveContents(sql: Sql, { store, bucket }: BucketRef, found: Contents, at: Date): Promise<void> {
  await sql.query(
    `insert into bucket_contents as known
       (store, bucket, objects, bytes, old_versions, old_bytes, delete_markers, unfinished_uploads, counted_at)
     select store, name, $3, $4, $5, $6, $7, $8, $9 from buckets where store = $1 and name = $2
     on conflict (store, bucket) do update
       set objects = excluded.objects, bytes = excluded.bytes, old_versions = excluded.old_versions,
         old_bytes = excluded.old_bytes, delete_markers = excluded.delete_markers,
         unfinished_uploads = excluded.unfinished_uploads, counted_at = excluded.counted_at
       where known.counted_at <= excluded.counted_at`,
    [
      store,
      bucket,
      found.objects,
      found.bytes,
      found.oldVersions,
      found.oldBytes,
      found.deleteMarkers,
      found.unfinishedUploads,
      at,
    ],
  )
}
