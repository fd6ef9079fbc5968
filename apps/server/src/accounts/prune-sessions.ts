import type { Sql } from '../db/database.ts'

/** Rows of one statement: few enough to be gone long before the statement's time is up. */
const BATCH = 2000

/** An expired session is kept for a day, in which a refresh with its token is told that it has expired. */
const TOKENS = `
  delete from refresh_tokens where hash in (
    select r.hash from sessions s join refresh_tokens r on r.session_id = s.id
    where s.expires_at < now() - interval '1 day' limit $1 for update of r skip locked
  ) returning 1`
const SESSIONS = `
  delete from sessions where id in (
    select s.id from sessions s
    where s.expires_at < now() - interval '1 day'
      and not exists (select from refresh_tokens r where r.session_id = s.id)
    limit $1 for update skip locked
  ) returning 1`

const END_IDLE = `
  update sessions set revoked_at = now() where id in (
    select id from sessions
    where browser_hash is not null and revoked_at is null and last_used_at < now() - make_interval(mins => $2::int)
    limit $1 for update skip locked
  ) returning 1`

/** Ends browser sessions that nobody has used for so long, so that they are not shown as going on: they count no more. */
export async function endIdleSessions(sql: Sql, idleMinutes: number, batch = BATCH): Promise<void> {
  let ended = batch
  while (ended === batch) ended = (await sql.query(END_IDLE, [batch, idleMinutes])).length
}

/**
 * Removes sessions that expired a day ago, and their refresh tokens, batch by batch until none is left. Several processes
 * may do so at once.
 * @param signal stops it between two batches
 */
export async function pruneSessions(sql: Sql, signal?: AbortSignal, batch = BATCH): Promise<void> {
  for (const statement of [TOKENS, SESSIONS]) {
    let removed = batch
    while (removed === batch && !signal?.aborted) removed = (await sql.query(statement, [batch])).length
  }
}
