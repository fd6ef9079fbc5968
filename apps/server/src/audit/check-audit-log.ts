import { createId } from '@skycrate/core/naming/id'
import type { Database } from '../db/database.ts'
import { idRandomness } from '../id-randomness.ts'

/**
 * Whether an event could be recorded now: writes one and takes it back, so that a full disk or a missing partition shows
 * before a request needs the log.
 * @throws what the recording would fail with
 */
export async function checkAuditLog(database: Database, now: number): Promise<void> {
  const undo = new Error('only a check')
  const id = createId('evt', now, idRandomness(Buffer.alloc(10)))
  try {
    await database.transaction(async (tx) => {
      await tx.query(
        `insert into audit_events (id, at, action, outcome, request_id, door)
         values ($1, $2, 'home.create', 'allow', 'readyz', 'process')`,
        [id, new Date(now).toISOString()],
        'audit-check',
      )
      throw undo
    })
  } catch (error) {
    if (error !== undo) throw error
  }
}
