import type { SkyCrateClient } from '@skycrate/client/client'
import { keepPreviousData } from '@tanstack/react-query'
import { cursorQuery } from '../data/cursor-query.ts'
import { KEYS } from '../data/query-keys.ts'

/** Milliseconds after which a search is asked again while buckets are listed for the first time. */
const LISTING = 2_000

export const searchQuery = (api: SkyCrateClient, q: string) => ({
  ...cursorQuery({
    queryKey: [KEYS.search, q],
    fetchPage: (cursor, signal) =>
      api.request('search', { query: { q, limit: 30, ...(cursor !== undefined && { cursor }) } }, { signal }),
    staleTime: 5_000,
  }),
  enabled: q !== '',
  placeholderData: keepPreviousData,
  refetchInterval: ({
    state: { data },
  }: {
    readonly state: { readonly data: { readonly pages: readonly { readonly freshness: Freshness }[] } | undefined }
  }): number | false => {
    const freshness = data?.pages[0]?.freshness
    return freshness && freshness.listed < freshness.buckets ? LISTING : false
  },
})

export interface Freshness {
  readonly buckets: number
  readonly listed: number
  readonly listedAt: string | null
}
