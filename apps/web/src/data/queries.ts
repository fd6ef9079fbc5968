import type { SkyCrateClient } from '@skycrate/client/client'
import { queryOptions } from '@tanstack/react-query'
import type { AuditSearch } from '../admin/audit/audit-search.ts'
import { cursorQuery } from './cursor-query.ts'
import { KEYS } from './query-keys.ts'

export const meQuery = (api: SkyCrateClient) =>
  queryOptions({ queryKey: [KEYS.me], queryFn: ({ signal }) => api.me({ signal }), staleTime: 60_000 })

/** By which people sign in; asked for on the pages before a sign-in. */
export const signInIssuersQuery = (api: SkyCrateClient) =>
  queryOptions({
    queryKey: [KEYS.signInIssuers],
    queryFn: ({ signal }) => api.request('issuers', {}, { signal }),
    staleTime: 60_000,
  })

/** The first one creates the home, which takes a moment; it never moves afterwards. */
export const homeQuery = (api: SkyCrateClient) =>
  queryOptions({ queryKey: [KEYS.home], queryFn: ({ signal }) => api.home({ signal }), staleTime: Infinity })

export const locationsQuery = (api: SkyCrateClient) =>
  cursorQuery({
    queryKey: [KEYS.locations],
    fetchPage: (cursor, signal) => api.buckets({ cursor, limit: 100 }, { signal }),
    staleTime: 15_000,
  })

export const listingKey = (bucket: string, prefix: string) => [KEYS.listing, bucket, prefix] as const

/** One folder, a thousand entries a page. */
export const listingQuery = (api: SkyCrateClient, bucket: string, prefix: string) =>
  cursorQuery({
    queryKey: listingKey(bucket, prefix),
    fetchPage: (cursor, signal) => api.listObjects(bucket, { prefix, delimiter: '/', cursor, limit: 1000 }, { signal }),
    staleTime: 5_000,
  })

export const versionsQuery = (api: SkyCrateClient, bucket: string, key: string) =>
  cursorQuery({
    queryKey: [KEYS.versions, bucket, key],
    fetchPage: (cursor, signal) => api.listVersions(bucket, key, { cursor, limit: 100 }, { signal }),
  })

export const activityQuery = (api: SkyCrateClient) =>
  cursorQuery({
    queryKey: [KEYS.activity],
    fetchPage: (cursor, signal) => api.myActivity({ cursor, limit: 100 }, { signal }),
  })

export const auditQuery = (api: SkyCrateClient, search: AuditSearch) =>
  cursorQuery({
    queryKey: [KEYS.audit, 'logs', search],
    fetchPage: (cursor, signal) => api.auditLogs({ ...search, cursor, limit: 100 }, { signal }),
  })

/** Numbers of the time that the page shows; the last 30 days where it shows all. */
export const auditStatsQuery = (api: SkyCrateClient, { from, to }: AuditSearch) =>
  queryOptions({
    queryKey: [KEYS.audit, 'stats', from, to],
    queryFn: async ({ signal }) => {
      const now = new Date()
      const since = from ?? new Date(Math.floor(now.getTime() / 86_400_000 - 29) * 86_400_000).toISOString()
      const query = { from: since, ...(to !== undefined && { to }) }
      const stats = await api.request('auditStats', { query }, { signal })
      return { ...stats, from: since, to: to ?? now.toISOString() }
    },
    staleTime: 30_000,
  })
