import type { SkyCrateClient } from '@skycrate/client/client'
import { queryOptions } from '@tanstack/react-query'
import { KEYS } from '../data/query-keys.ts'

export const factorsQuery = (api: SkyCrateClient) =>
  queryOptions({ queryKey: [KEYS.factors], queryFn: ({ signal }) => api.request('factors', {}, { signal }) })
