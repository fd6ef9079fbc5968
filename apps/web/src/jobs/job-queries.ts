import type { SkyCrateClient } from '@skycrate/client/client'
import type { Job } from '@skycrate/contract/jobs/schemas'
import { queryOptions } from '@tanstack/react-query'
import { KEYS } from '../data/query-keys.ts'

/** Milliseconds between two looks while something is under way, and while nothing is. */
const LIVE_MS = 700
const IDLE_MS = 60_000

export const isUnderWay = ({ state }: Job): boolean => state === 'queued' || state === 'running'

/** The latest jobs on objects that the person started. */
export const objectJobsQuery = (api: SkyCrateClient, userId: string) =>
  queryOptions({
    queryKey: [KEYS.jobs, 'objects', userId],
    queryFn: async ({ signal }) => {
      const { jobs } = await api.listJobs({ limit: 20 }, { signal })
      return jobs.filter(({ kind, createdBy }) => kind.startsWith('objects.') && createdBy === userId)
    },
    refetchInterval: ({ state: { data } }) => (data?.some(isUnderWay) === true ? LIVE_MS : IDLE_MS),
  })
