import type { SkyCrateClient } from '@skycrate/client/client'
import { queryOptions } from '@tanstack/react-query'
import { cursorQuery } from '../data/cursor-query.ts'
import { KEYS } from '../data/query-keys.ts'

/** @param whose `all`: for administrators */
export const sharesQuery = (api: SkyCrateClient, whose: 'own' | 'all') =>
  cursorQuery({
    queryKey: [KEYS.shares, whose],
    fetchPage: (cursor, signal) =>
      api.request(whose === 'own' ? 'listShares' : 'listAllShares', { query: { cursor, limit: 100 } }, { signal }),
  })

export const sharingQuery = (api: SkyCrateClient) =>
  queryOptions({
    queryKey: [KEYS.shares, 'switch'],
    queryFn: ({ signal }) => api.request('sharing', {}, { signal }),
  })
