import type { JobId, UserId } from '@skycrate/core/naming/id'
import { changeRecorded } from '../access/record-change.ts'
import type { AuditLog, RequestOrigin } from '../audit/audit-event.ts'
import type { Database } from '../db/database.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { INVENTORY_JOB, type InventoryInput } from './inventory-job.ts'

/** Records that somebody has a bucket counted, and starts the job; one that is under way goes on. */
export function startCount(
  use: { readonly database: Database; readonly audit: AuditLog; readonly jobs: Jobs },
  userId: UserId,
  input: InventoryInput,
  origin: RequestOrigin,
): Promise<JobId> {
  const { store, bucket } = input
  return changeRecorded(use, async (tx, record) => {
    const jobId = await use.jobs.enqueue(INVENTORY_JOB, input, {
      createdBy: userId,
      key: `${store}/${bucket}`,
      about: { bucket, names: [''], items: 1 },
      tx,
    })
    await record({
      action: 'job.create',
      outcome: 'allow',
      userId,
      store,
      bucket,
      key: null,
      reason: null,
      detail: { jobId, kind: INVENTORY_JOB },
      origin,
    })
    return jobId
  })
}
