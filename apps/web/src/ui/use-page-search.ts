import { useNavigate, useSearch } from '@tanstack/react-router'

/**
 * What a page keeps in its address's search: filters, a folder, what is opened. `parse` leaves out what is not valid, so
 * that an old or mistyped address shows the page rather than an error.
 *
 * @returns the search, and what changes it without another step in the browser's history
 */
export function usePageSearch<Search extends object>(
  parse: (raw: Record<string, unknown>) => Search,
): [search: Search, change: (next: Search) => void] {
  const raw: Record<string, unknown> = useSearch({ strict: false })
  const navigate = useNavigate()
  return [parse(raw), (next) => void navigate({ to: '.', search: next as never, replace: true })]
}
