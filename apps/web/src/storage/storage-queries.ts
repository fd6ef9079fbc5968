import type { SkyCrateClient } from '@skycrate/client/client'
import { queryOptions } from '@tanstack/react-query'
import { KEYS } from '../data/query-keys.ts'

export type Scope = 'mine' | 'all'

/** A folder that is looked into; undefined: all locations. */
export interface Inside {
  readonly store: string
  readonly bucket: string
  readonly prefix: string
}

export const statsQuery = (api: SkyCrateClient, scope: Scope) =>
  queryOptions({
    queryKey: [KEYS.storage, 'stats', scope],
    queryFn: ({ signal }) => api.request('storageStats', { query: { scope } }, { signal }),
  })

export const costQuery = (api: SkyCrateClient, scope: Scope) =>
  queryOptions({
    queryKey: [KEYS.storage, 'cost', scope],
    queryFn: ({ signal }) => api.request('costAnalysis', { query: { scope } }, { signal }),
  })

export const usageQuery = (api: SkyCrateClient, scope: Scope, inside: Inside | undefined) =>
  queryOptions({
    queryKey: [KEYS.storage, 'usage', scope, inside],
    queryFn: ({ signal }) =>
      api.request(
        'storageUsage',
        { query: inside === undefined ? { scope, by: 'location' } : { scope, by: 'prefix', ...inside } },
        { signal },
      ),
  })
