import { recorded, type Route } from '../route.ts'
import { SearchQuery, SearchResults } from './schemas.ts'

export const SEARCH_ROUTES = {
  search: {
    area: 's3',
    audience: 'guest',
    tokens: true,
    summary: 'Search the names of files and folders where the caller may list',
    query: SearchQuery,
    success: { status: 200, body: SearchResults },
    problems: ['invalid-request', 'invalid-cursor', ...recorded],
  },
} as const satisfies Record<string, Route>
