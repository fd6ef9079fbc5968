import type { SkyCrateClient } from '@skycrate/client/client'
import { cursorQuery } from '../../data/cursor-query.ts'
import { KEYS } from '../../data/query-keys.ts'
import type { UserSearch } from './user-search.ts'

export const usersQuery = (api: SkyCrateClient, search: UserSearch) =>
  cursorQuery({
    queryKey: [KEYS.users, search],
    fetchPage: (cursor, signal) => api.request('listUsers', { query: { ...search, cursor, limit: 100 } }, { signal }),
  })
