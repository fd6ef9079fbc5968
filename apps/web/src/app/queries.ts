import type { SkyCrateClient } from '@skycrate/client/client'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import type { AuditSearch } from '../audit/audit-search.ts'

const FIRST_PAGE = undefined as string | undefined

export const meQuery = (api: SkyCrateClient) =>
  queryOptions({ queryKey: ['me'], queryFn: ({ signal }) => api.me({ signal }), staleTime: 60_000 })

/** The first one makes the home, which takes a moment; it never moves afterwards. */
export const homeQuery = (api: SkyCrateClient) =>
  queryOptions({ queryKey: ['home'], queryFn: ({ signal }) => api.home({ signal }), staleTime: Infinity })

export const bucketsQuery = (api: SkyCrateClient) =>
  infiniteQueryOptions({
    queryKey: ['buckets'],
    queryFn: ({ pageParam, signal }) => api.buckets({ cursor: pageParam, limit: 100 }, { signal }),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    staleTime: 15_000,
  })

export const listingKey = (bucket: string, prefix: string) => ['listing', bucket, prefix] as const

/** One folder, a thousand entries a page. */
export const listingQuery = (api: SkyCrateClient, bucket: string, prefix: string) =>
  infiniteQueryOptions({
    queryKey: listingKey(bucket, prefix),
    queryFn: ({ pageParam, signal }) =>
      api.listObjects(bucket, { prefix, delimiter: '/', cursor: pageParam, limit: 1000 }, { signal }),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    staleTime: 5_000,
  })

export const activityQuery = (api: SkyCrateClient) =>
  infiniteQueryOptions({
    queryKey: ['activity'],
    queryFn: ({ pageParam, signal }) => api.myActivity({ cursor: pageParam, limit: 100 }, { signal }),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  })

export const auditQuery = (api: SkyCrateClient, search: AuditSearch) =>
  infiniteQueryOptions({
    queryKey: ['audit', search],
    queryFn: ({ pageParam, signal }) => api.auditLogs({ ...search, cursor: pageParam, limit: 100 }, { signal }),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  })
