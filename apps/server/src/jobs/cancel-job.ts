import type { Job } from '@skycrate/contract/jobs/schemas'
import type { UserId } from '@skycrate/core/naming/id'
import type { RequestOrigin } from '../audit/audit-event.ts'
import { recordWithin } from '../audit/record-within.ts'
import type { JobReader, Jobs } from './jobs.ts'

/**
 * Cancels a job for somebody; that they did is recorded with it.
 * @throws AppError as `Jobs.cancel`
 */
export function cancelJob(
  { jobs, now }: { readonly jobs: Pick<Jobs, 'cancel'>; readonly now: () => number },
  id: string,
  by: JobReader & { readonly origin: RequestOrigin },
): Promise<Job> {
  return jobs.cancel(id, by, (tx, job) =>
    recordWithin(
      tx,
      {
        action: 'job.cancel',
        outcome: 'allow',
        userId: by.userId,
        targetUserId: job.createdBy === by.userId ? null : (job.createdBy as UserId | null),
        bucket: null,
        key: null,
        reason: null,
        detail: { jobId: job.id, kind: job.kind },
        origin: by.origin,
      },
      now(),
    ),
  )
}
