import type { BucketsQuery, BucketSummaries, BucketSummary } from '@skycrate/contract/buckets/schemas'
import type { Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import { BUCKET_COLUMNS, type BucketRecord, type BucketRef } from './bucket-records.ts'

/** A bucket with what is known of its owner and its contents. */
export interface BucketRow extends BucketRecord {
  readonly userName: string | null
  readonly jobId: string | null
  readonly objects: number | null
  readonly bytes: number
  readonly oldVersions: number
  readonly oldBytes: number
  readonly deleteMarkers: number
  readonly unfinishedUploads: number
  readonly countedAt: Date
}

const SELECT = `select ${BUCKET_COLUMNS}, b.job_id as "jobId", coalesce(u.name, u.email) as "userName",
    c.objects, c.bytes, c.old_versions as "oldVersions", c.old_bytes as "oldBytes",
    c.delete_markers as "deleteMarkers", c.unfinished_uploads as "unfinishedUploads", c.counted_at as "countedAt"
  from buckets b
    left join users u on u.id = b.user_id
    left join bucket_contents c on c.store = b.store and c.bucket = b.name`

export async function findBucketRow(sql: Sql, { store, bucket }: BucketRef): Promise<BucketRow | undefined> {
  const [row] = await sql.query<BucketRow>(`${SELECT} where b.store = $1 and b.name = $2`, [store, bucket])
  return row
}

/**
 * A page of the buckets, by store and name. Those that are gone, or never came to be, are left out unless asked for.
 * @throws AppError `invalid-cursor`
 */
export async function listBuckets(
  sql: Sql,
  query: BucketsQuery & { readonly limit: number },
): Promise<BucketSummaries> {
  const { limit, cursor, store, kind, state, search } = query
  const slash = cursor?.indexOf('/')
  if (slash === -1) throw new AppError('invalid-cursor')
  const rows = await sql.query<BucketRow>(
    `${SELECT}
     where ($1::text is null or b.store = $1) and ($2::text is null or b.kind = $2)
       and (case when $3::text is null then b.state not in ('deleted', 'collided') else b.state = $3 end)
       and ($4::text is null or strpos(b.name, $4) > 0)
       and ($5::text is null or (b.store, b.name) > ($5, $6))
     order by b.store, b.name limit $7`,
    [
      store ?? null,
      kind ?? null,
      state ?? null,
      search?.toLowerCase() || null,
      cursor === undefined ? null : cursor.slice(0, slash),
      cursor === undefined ? null : cursor.slice(slash! + 1),
      limit + 1,
    ],
  )
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return {
    buckets: page.map(toSummary),
    nextCursor: rows.length > limit && last !== undefined ? `${last.store}/${last.bucket}` : null,
  }
}

export function toSummary(row: BucketRow): BucketSummary {
  return {
    store: row.store,
    name: row.bucket,
    kind: row.kind,
    region: row.region,
    state: row.state,
    adopted: row.adopted,
    userId: row.userId,
    userName: row.userName,
    contents:
      row.objects === null
        ? null
        : {
            objects: row.objects,
            bytes: row.bytes,
            oldVersions: row.oldVersions,
            oldBytes: row.oldBytes,
            deleteMarkers: row.deleteMarkers,
            unfinishedUploads: row.unfinishedUploads,
            countedAt: row.countedAt.toISOString(),
          },
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }
}
