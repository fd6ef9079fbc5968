import type { SkyCrateClient } from '@skycrate/client/client'
import { cursorQuery } from '../../data/cursor-query.ts'
import { KEYS } from '../../data/query-keys.ts'
import type { HomeSearch } from './home-search.ts'

export const homesQuery = (api: SkyCrateClient, search: HomeSearch) =>
  cursorQuery({
    queryKey: [KEYS.homes, search],
    fetchPage: (cursor, signal) => api.request('listHomes', { query: { ...search, cursor, limit: 100 } }, { signal }),
    isUnderWay: ({ homes }) => homes.some(({ state }) => state === 'provisioning' || state === 'deleting'),
  })
