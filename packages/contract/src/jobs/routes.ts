import { guarded, type Route } from '../route.ts'
import { IdParams } from '../schemas.ts'
import { Job, Jobs, JobsQuery } from './schemas.ts'

export const JOBS_ROUTES = {
  listJobs: {
    area: 'jobs',
    audience: 'user',
    summary: 'The jobs that the caller started, newest first; for administrators, all jobs',
    query: JobsQuery,
    success: { status: 200, body: Jobs },
    problems: ['invalid-request', 'invalid-cursor', ...guarded],
  },
  job: {
    area: 'jobs',
    audience: 'user',
    tokens: true,
    summary: 'A job, its state and its progress',
    params: IdParams,
    success: { status: 200, body: Job },
    problems: ['invalid-request', 'not-found', ...guarded],
  },
  cancelJob: {
    area: 'jobs',
    audience: 'user',
    summary: 'Cancel a job; one that is running stops at its next step',
    params: IdParams,
    success: { status: 202, body: Job },
    problems: ['invalid-request', 'not-found', 'conflict', ...guarded],
  },
} as const satisfies Record<string, Route>
