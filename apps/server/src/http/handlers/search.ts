import type { Search } from '../../search/search.ts'
import type { HandlersOf } from '../route.ts'

export function searchHandlers(search: Search): HandlersOf<'search'> {
  return {
    search: ({ who, query: { q, bucket, prefix, limit = 50, cursor }, origin }) =>
      search.find(who, { q, bucket, prefix, limit, cursor }, origin),
  }
}
