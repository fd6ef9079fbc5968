import type { SkyCrateClient } from '@skycrate/client/client'
import { cursorQuery } from '../data/cursor-query.ts'
import { KEYS } from '../data/query-keys.ts'

export const trashQuery = (api: SkyCrateClient, bucket: string, prefix: string) =>
  cursorQuery({
    queryKey: [KEYS.trash, bucket, prefix],
    fetchPage: (cursor, signal) =>
      api.request('listDeletions', { params: { bucket }, query: { prefix, cursor, limit: 1000 } }, { signal }),
  })
