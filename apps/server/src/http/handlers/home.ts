import type { Homes } from '../../homes/homes.ts'
import type { HomesAdmin } from '../../homes/homes-admin.ts'
import type { HandlersOf } from '../route.ts'

export function homeHandlers(
  homes: Homes,
  admin: HomesAdmin,
): HandlersOf<'home' | 'listHomes' | 'retryHome' | 'deleteHome'> {
  return {
    home: ({ who, origin }) => homes.home(who, origin),
    listHomes: ({ query }) => admin.list({ ...query, limit: query.limit ?? 100 }),
    retryHome: ({ who, params, origin }) => admin.retry(params.userId, who.userId, origin),
    deleteHome: ({ who, params, query, origin }) => admin.remove(params.userId, query, who, origin),
  }
}
