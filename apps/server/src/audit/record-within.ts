import { createId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'
import { idRandomness } from '../id-randomness.ts'
import type { NewAuditEvent } from './audit-event.ts'
import { EventBatch } from './event-batch.ts'

/**
 * Records an event in a transaction: it is in the log exactly when what the transaction did holds. For work that is tried
 * again after a crash, and would otherwise be recorded once for each try.
 * @param now milliseconds since the epoch
 */
export async function recordWithin(tx: Sql, event: NewAuditEvent, now: number): Promise<void> {
  const batch = new EventBatch()
  batch.add(createId('evt', now, idRandomness(Buffer.alloc(10))), new Date(now).toISOString(), event)
  await batch.insert(tx)
}
