import type { SkyCrateClient } from '@skycrate/client/client'
import { cursorQuery } from '../../data/cursor-query.ts'
import { KEYS } from '../../data/query-keys.ts'

export const directoriesQuery = (api: SkyCrateClient) =>
  cursorQuery({
    queryKey: [KEYS.directories],
    fetchPage: async (_cursor, signal) => ({
      ...(await api.request('listDirectories', {}, { signal })),
      nextCursor: null,
    }),
  })
