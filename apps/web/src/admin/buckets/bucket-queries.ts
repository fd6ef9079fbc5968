import type { SkyCrateClient } from '@skycrate/client/client'
import { queryOptions } from '@tanstack/react-query'
import { cursorQuery } from '../../data/cursor-query.ts'
import { KEYS } from '../../data/query-keys.ts'
import { isUnderWay } from '../../jobs/job-queries.ts'
import type { BucketSearch } from './bucket-search.ts'

/** Milliseconds between two looks at what is under way. */
const LIVE_MS = 1000

const UNDER_WAY: ReadonlySet<string> = new Set(['planned', 'creating', 'created', 'deleting'])

export const bucketsQuery = (api: SkyCrateClient, search: BucketSearch) =>
  cursorQuery({
    queryKey: [KEYS.buckets, 'list', search],
    fetchPage: (cursor, signal) => api.request('listBuckets', { query: { ...search, cursor, limit: 100 } }, { signal }),
    isUnderWay: ({ buckets }) => buckets.some(({ state }) => UNDER_WAY.has(state)),
  })

/** Asks again and again while the bucket is being created or deleted. */
export const bucketQuery = (api: SkyCrateClient, store: string, name: string) =>
  queryOptions({
    queryKey: [KEYS.buckets, 'one', store, name],
    queryFn: ({ signal }) => api.request('bucket', { params: { store, name } }, { signal }),
    refetchInterval: ({ state: { data } }) => (data !== undefined && UNDER_WAY.has(data.state) ? LIVE_MS : false),
  })

/** How the bucket is counted. It looks for files at the store. */
export const inventoryQuery = (api: SkyCrateClient, store: string, name: string) =>
  queryOptions({
    queryKey: [KEYS.storage, 'inventory', store, name],
    queryFn: ({ signal }) => api.request('inventoryFiles', { params: { store, name } }, { signal }),
  })

/** Asks again and again until the job has ended. */
export const jobQuery = (api: SkyCrateClient, id: string) =>
  queryOptions({
    queryKey: [KEYS.jobs, id],
    queryFn: ({ signal }) => api.job(id, { signal }),
    refetchInterval: ({ state: { data } }) => (data !== undefined && isUnderWay(data) ? LIVE_MS : false),
  })
