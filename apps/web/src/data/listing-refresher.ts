import type { QueryClient } from '@tanstack/react-query'
import { foldersOf } from './folders-of.ts'
import { listingKey } from './queries.ts'

/** Milliseconds in which changes are gathered: a thousand files that arrive do not list their folder a thousand times. */
const GATHER = 400

/** Lists again the folders that an added or deleted key lies in, as one may have appeared or gone in each. */
export function createListingRefresher(queries: QueryClient): (bucket: string, key: string) => void {
  const changed = new Map<string, readonly [bucket: string, prefix: string]>()
  const refresh = (): void => {
    for (const [bucket, prefix] of changed.values()) {
      void queries.invalidateQueries({ queryKey: listingKey(bucket, prefix), exact: true })
    }
    changed.clear()
  }
  return (bucket, key) => {
    if (changed.size === 0) setTimeout(refresh, GATHER)
    for (const prefix of foldersOf(key)) changed.set(`${bucket}/${prefix}`, [bucket, prefix])
  }
}
