import type { QueryClient } from '@tanstack/react-query'
import { foldersOf } from './folders-of.ts'
import { listingKey } from './queries.ts'

/** Milliseconds without a change after which the folders are listed again. */
const QUIET = 400
/** Milliseconds that they wait at most while changes go on; it doubles from time to time, up to the longest. */
const FIRST_WAIT = 400
const LONGEST_WAIT = 3_200

/**
 * Lists again the folders that an added or deleted key lies in, as one may have appeared or gone in each. Changes are
 * gathered: a thousand files that arrive do not list their folder a thousand times.
 */
export function createListingRefresher(queries: QueryClient): (bucket: string, key: string) => void {
  const changed = new Map<string, readonly [bucket: string, prefix: string]>()
  let wait = FIRST_WAIT
  let [quiet, late]: ReturnType<typeof setTimeout>[] = []
  const refresh = (): void => {
    clearTimeout(quiet)
    clearTimeout(late)
    late = undefined
    for (const [bucket, prefix] of changed.values()) {
      void queries.invalidateQueries({ queryKey: listingKey(bucket, prefix), exact: true })
    }
    changed.clear()
  }
  return (bucket, key) => {
    clearTimeout(quiet)
    quiet = setTimeout(() => {
      wait = FIRST_WAIT
      refresh()
    }, QUIET)
    late ??= setTimeout(() => {
      wait = Math.min(LONGEST_WAIT, wait * 2)
      refresh()
    }, wait)
    for (const prefix of foldersOf(key)) changed.set(`${bucket}/${prefix}`, [bucket, prefix])
  }
}
