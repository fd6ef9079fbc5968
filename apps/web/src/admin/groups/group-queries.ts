import type { SkyCrateClient } from '@skycrate/client/client'
import { cursorQuery } from '../../data/cursor-query.ts'
import { KEYS } from '../../data/query-keys.ts'
import type { GroupSearch } from './group-search.ts'

export const groupsQuery = (api: SkyCrateClient, search: GroupSearch) =>
  cursorQuery({
    queryKey: [KEYS.groups, search],
    fetchPage: (cursor, signal) => api.request('listGroups', { query: { ...search, cursor, limit: 100 } }, { signal }),
  })

export const membersQuery = (api: SkyCrateClient, id: string) =>
  cursorQuery({
    queryKey: [KEYS.groups, 'members', id],
    fetchPage: (cursor, signal) =>
      api.request('groupMembers', { params: { id }, query: { cursor, limit: 100 } }, { signal }),
  })
