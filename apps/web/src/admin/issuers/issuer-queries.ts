import type { SkyCrateClient } from '@skycrate/client/client'
import { cursorQuery } from '../../data/cursor-query.ts'
import { KEYS } from '../../data/query-keys.ts'

export const issuersQuery = (api: SkyCrateClient) =>
  cursorQuery({
    queryKey: [KEYS.issuers],
    fetchPage: async (_cursor, signal) => ({ ...(await api.request('listIssuers', {}, { signal })), nextCursor: null }),
  })
