import type { SkyCrateClient } from '@skycrate/client/client'
import { queryOptions } from '@tanstack/react-query'
import { cursorQuery } from '../../data/cursor-query.ts'
import { KEYS } from '../../data/query-keys.ts'
import type { UserSearch } from './user-search.ts'

export const usersQuery = (api: SkyCrateClient, search: UserSearch) =>
  cursorQuery({
    queryKey: [KEYS.users, search],
    fetchPage: (cursor, signal) => api.request('listUsers', { query: { ...search, cursor, limit: 100 } }, { signal }),
    isUnderWay: ({ users }) => users.some(({ state }) => state === 'deleting'),
  })

export const userQuery = (api: SkyCrateClient, id: string) =>
  queryOptions({
    queryKey: [KEYS.users, 'one', id],
    queryFn: ({ signal }) => api.request('user', { params: { id } }, { signal }),
    staleTime: 60_000,
  })
