import type { Jobs } from '../../jobs/jobs.ts'
import type { HandlersOf } from '../route.ts'

export function jobsHandlers(jobs: Jobs): HandlersOf<'listJobs' | 'job' | 'cancelJob'> {
  return {
    listJobs: ({ who, query }) => jobs.list({ ...query, limit: query.limit ?? 100 }, who),
    job: ({ who, params }) => jobs.find(params.id, who),
    cancelJob: ({ who, params }) => jobs.cancel(params.id, who),
  }
}
