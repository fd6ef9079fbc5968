import { cancelJob } from '../../jobs/cancel-job.ts'
import type { Jobs } from '../../jobs/jobs.ts'
import type { HandlersOf } from '../route.ts'

export function jobsHandlers(jobs: Jobs): HandlersOf<'listJobs' | 'job' | 'cancelJob'> {
  return {
    listJobs: ({ who, query }) => jobs.list({ ...query, limit: query.limit ?? 100 }, who),
    job: ({ who, params }) => jobs.find(params.id, who),
    cancelJob: ({ who: { userId, isAdmin }, params, origin }) =>
      cancelJob({ jobs, now: Date.now }, params.id, { userId, isAdmin, origin }),
  }
}
