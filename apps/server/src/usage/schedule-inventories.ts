import type { BucketRef } from '../buckets/bucket-records.ts'
import type { Sql } from '../db/database.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { INVENTORY_JOB } from './inventory-job.ts'

/** Buckets whose inventory is begun in an hour; the others follow in the next. */
const AT_ONCE = 1000

/**
 * Begins an inventory of each bucket that had none for a day, and looks for new files where a bucket has some. One that is new
 * is left alone for an hour.
 */
export async function scheduleInventories(sql: Sql, jobs: Jobs): Promise<void> {
  const due = await sql.query<BucketRef>(
    `select b.store, b.name as bucket from buckets b
       left join usage_buckets u on u.store = b.store and u.bucket = b.name
       left join usage_sources s on s.store = b.store and s.bucket = b.name
     where b.state = 'ready' and b.created_at < now() - interval '1 hour'
       and case when s.store is null then u.counted_at is null or u.counted_at < now() - interval '23 hours'
         else s.looked_at is null or s.looked_at < now() - interval '50 minutes' end
     order by coalesce(s.looked_at, u.counted_at) nulls first limit $1`,
    [AT_ONCE],
  )
  for (const { store, bucket } of due) {
    const input = { store, bucket, onlyNew: true }
    await jobs.enqueue(INVENTORY_JOB, input, { createdBy: null, key: `${store}/${bucket}` })
  }
}
