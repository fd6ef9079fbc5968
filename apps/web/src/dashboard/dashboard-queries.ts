import type { SkyCrateClient } from '@skycrate/client/client'
import { queryOptions } from '@tanstack/react-query'
import { KEYS } from '../data/query-keys.ts'

/** What the dashboard shows of each list. */
const SHOWN = 6

const DAY = 86_400_000

/** The last seven days, from a full hour, so that a page that is opened again asks the same. */
function lastWeek(): string {
  const hour = 3_600_000
  return new Date(Math.floor((Date.now() - 7 * DAY) / hour) * hour).toISOString()
}

export const myLocationsQuery = (api: SkyCrateClient) =>
  queryOptions({
    queryKey: [KEYS.locations, 'dashboard'],
    queryFn: ({ signal }) => api.request('locations', { query: { limit: SHOWN } }, { signal }),
  })

export const recentActivityQuery = (api: SkyCrateClient) =>
  queryOptions({
    queryKey: [KEYS.activity, 'dashboard'],
    queryFn: ({ signal }) => api.myActivity({ limit: SHOWN }, { signal }),
  })

export const weekQuery = (api: SkyCrateClient) =>
  queryOptions({
    queryKey: [KEYS.audit, 'dashboard', 'week'],
    queryFn: ({ signal }) => api.request('auditStats', { query: { from: lastWeek() } }, { signal }),
    staleTime: 60_000,
  })

export const denialsQuery = (api: SkyCrateClient) =>
  queryOptions({
    queryKey: [KEYS.audit, 'dashboard', 'denials'],
    queryFn: ({ signal }) => api.auditLogs({ outcome: 'deny', limit: SHOWN }, { signal }),
    staleTime: 60_000,
  })

export const failedHomesQuery = (api: SkyCrateClient) =>
  queryOptions({
    queryKey: [KEYS.homes, 'dashboard'],
    queryFn: async ({ signal }) => {
      const states = ['failed', 'provisioning'] as const
      const pages = await Promise.all(
        states.map((state) => api.request('listHomes', { query: { state, limit: SHOWN } }, { signal })),
      )
      return pages.flatMap(({ homes }) => homes).slice(0, SHOWN)
    },
  })
