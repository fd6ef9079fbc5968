import { useEffect, useState } from 'react'
import type { Rows } from '../data/use-rows.ts'
import { compareValues, type SortControl, type SortingState } from '../ui/use-sorted-rows.ts'
import type { Entry } from './entry.ts'

type SortValue = (entry: Entry) => string | number | null

/** By the columns' ids. */
export const FILE_SORTS = {
  name: ({ name }) => name,
  size: (entry) => (entry.kind === 'file' ? entry.size : null),
  modified: (entry) => (entry.kind === 'file' ? entry.lastModified : null),
} as const satisfies Record<string, SortValue>

/** The order of a folder. Where one is chosen, the rest of the folder is fetched: only then does it tell the truth. */
export function useFileSort({ hasMore, isLoadingMore, loadMore }: Rows<unknown>, all = false): SortControl {
  const [by, onChange] = useState<SortingState>([])
  const wanted = all || by.length > 0
  useEffect(() => {
    if (wanted && hasMore && !isLoadingMore) loadMore()
  }, [wanted, hasMore, isLoadingMore, loadMore])
  return { by, onChange }
}

/** As the table shows them: folders first, and what has no value last. */
export function sortEntries(entries: readonly Entry[], [chosen]: SortingState): readonly Entry[] {
  if (!chosen || !Object.hasOwn(FILE_SORTS, chosen.id)) return entries
  const valueOf: SortValue = FILE_SORTS[chosen.id as keyof typeof FILE_SORTS]
  const rank = ({ kind }: Entry): number => (kind === 'folder' ? 0 : 1)
  return entries.toSorted((a, b) => {
    const [one, other] = [valueOf(a), valueOf(b)]
    if (one === null || other === null) return rank(a) - rank(b)
    return rank(a) - rank(b) || (chosen.desc ? -1 : 1) * compareValues(one, other)
  })
}
