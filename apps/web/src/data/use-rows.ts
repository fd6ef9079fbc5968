import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query'

/** What a list has so far, as a table needs it. */
export interface Rows<Row> {
  readonly rows: readonly Row[]
  /** Nothing has arrived yet. */
  readonly isPending: boolean
  /** Why the last request failed; null where it did not. */
  readonly error: unknown
  readonly hasMore: boolean
  readonly isLoadingMore: boolean
  readonly loadMore: () => void
  readonly retry: () => void
}

/** The rows of all pages that a cursor query has fetched. */
export function useRows<Page, Row>(
  query: UseInfiniteQueryResult<InfiniteData<Page, unknown>>,
  rowsOf: (page: Page) => readonly Row[],
): Rows<Row> {
  const { data, error, isError, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = query
  const rows = data?.pages.flatMap((page) => rowsOf(page)) ?? []
  return {
    rows,
    isPending,
    error: isError ? error : null,
    hasMore: hasNextPage && !isError,
    isLoadingMore: isFetchingNextPage,
    loadMore: () => {
      if (!isFetchingNextPage) void fetchNextPage()
    },
    retry: () => void (data === undefined ? refetch() : hasNextPage ? fetchNextPage() : refetch()),
  }
}
