import type { SkyCrateClient } from '@skycrate/client/client'
import { queryOptions } from '@tanstack/react-query'
import { KEYS } from '../data/query-keys.ts'

export const signUpQuery = (api: SkyCrateClient) =>
  queryOptions({
    queryKey: [KEYS.signUp],
    queryFn: ({ signal }) => api.request('signUpOptions', {}, { signal }),
    staleTime: 60_000,
  })
