import type { SkyCrateClient } from '@skycrate/client/client'
import { queryOptions } from '@tanstack/react-query'
import { KEYS } from '../data/query-keys.ts'

export const starredQuery = (api: SkyCrateClient) =>
  queryOptions({
    queryKey: [KEYS.starred],
    queryFn: ({ signal }) => api.request('listStarred', {}, { signal }),
    staleTime: 30_000,
  })
