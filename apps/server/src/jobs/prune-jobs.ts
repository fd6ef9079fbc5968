import type { Sql } from '../db/database.ts'

/** Days that a finished job can be looked at. What SkyCrate does by itself and again and again is kept for one. */
const KEEP_DAYS = 30
/** Rows of one statement: few enough to be gone long before the statement's time is up. */
const BATCH = 2000

/** Deletes finished jobs that are old, batch by batch. */
export async function pruneJobs(sql: Sql, signal: AbortSignal, batch = BATCH): Promise<void> {
  for (let deleted = batch; deleted === batch;) {
    signal.throwIfAborted()
    const rows = await sql.query(
      `delete from jobs where id in (
         select id from jobs
         where finished_at < now() - interval '1 day'
           and (finished_at < now() - make_interval(days => $2) or (created_by is null and state = 'done'))
         limit $1 for update skip locked
       ) returning 1`,
      [batch, KEEP_DAYS],
    )
    deleted = rows.length
  }
}
