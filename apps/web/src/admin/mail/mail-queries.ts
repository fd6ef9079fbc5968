import type { SkyCrateClient } from '@skycrate/client/client'
import { queryOptions } from '@tanstack/react-query'
import { cursorQuery } from '../../data/cursor-query.ts'
import { KEYS } from '../../data/query-keys.ts'

export const mailQuery = (api: SkyCrateClient) =>
  queryOptions({ queryKey: [KEYS.mail, 'state'], queryFn: ({ signal }) => api.request('mail', {}, { signal }) })

/** Each page is an event in the audit log, so it is fetched when the outbox is shown and not before. */
export const outboxQuery = (api: SkyCrateClient) =>
  cursorQuery({
    queryKey: [KEYS.mail, 'outbox'],
    fetchPage: (cursor, signal) => api.request('mailOutbox', { query: { cursor, limit: 100 } }, { signal }),
    staleTime: 5_000,
  })
