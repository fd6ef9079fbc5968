import type { Starred } from '../../starred/starred.ts'
import type { HandlersOf } from '../route.ts'

export function starredHandlers(starred: Starred): HandlersOf<'listStarred' | 'star' | 'unstar' | 'listRecent'> {
  return {
    listStarred: ({ who }) => starred.list(who),
    star: ({ who, body, origin }) => starred.star(who, body, origin),
    unstar: ({ who, query }) => starred.unstar(who, query),
    listRecent: ({ who }) => starred.recent(who),
  }
}
