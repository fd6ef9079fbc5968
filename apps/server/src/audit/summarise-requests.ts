import type { Sql } from '../db/database.ts'

/** Lets the index of request ids know of the pages that were filled since; PostgreSQL does so by itself only now and then. */
export async function summariseRequests(sql: Sql): Promise<void> {
  await sql.query(
    `select brin_summarize_new_values(x.indexrelid) from pg_inherits i
     join pg_index x on x.indrelid = i.inhrelid join pg_class c on c.oid = x.indexrelid join pg_am a on a.oid = c.relam
     where i.inhparent = 'audit_events'::regclass and a.amname = 'brin'`,
  )
}
