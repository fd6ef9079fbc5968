import type { SkyCrateClient } from '@skycrate/client/client'
import { queryOptions } from '@tanstack/react-query'
import { KEYS } from '../../data/query-keys.ts'

/** Each run writes to the store and is recorded, so one is kept until somebody asks for another. */
export const doctorQuery = (api: SkyCrateClient) =>
  queryOptions({
    queryKey: [KEYS.doctor],
    queryFn: ({ signal }) => api.request('doctor', {}, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    retry: false,
  })
