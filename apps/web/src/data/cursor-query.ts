import { infiniteQueryOptions, type QueryKey } from '@tanstack/react-query'

interface CursorQuery<Page> {
  readonly queryKey: QueryKey
  /** @param cursor undefined for the first page */
  readonly fetchPage: (cursor: string | undefined, signal: AbortSignal) => Promise<Page>
  /** Milliseconds in which the pages count as fresh; default 0. */
  readonly staleTime?: number
  /** Whether a page has a row that changes by itself: the list is fetched again until none has. */
  readonly isUnderWay?: (page: Page) => boolean
}

/** Milliseconds between two looks at what is under way. */
const WATCH_MS = 2000

/** A list of the API that is paged by cursor, for `useInfiniteQuery` and `prefetchInfiniteQuery`. */
export function cursorQuery<Page extends { readonly nextCursor: string | null }>(options: CursorQuery<Page>) {
  const { queryKey, fetchPage, staleTime = 0, isUnderWay = () => false } = options
  return infiniteQueryOptions({
    queryKey,
    queryFn: ({ pageParam, signal }) => fetchPage(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Page) => page.nextCursor ?? undefined,
    staleTime,
    refetchInterval: ({ state: { data } }) =>
      data?.pages.some((page) => isUnderWay(page)) === true ? WATCH_MS : false,
  })
}
