import type { Quotas } from '../../quotas/quotas.ts'
import type { HandlersOf } from '../route.ts'

export function quotasHandlers(
  quotas: Quotas,
): HandlersOf<'myQuotas' | 'listQuotas' | 'quota' | 'setQuota' | 'deleteQuota' | 'recountQuota'> {
  return {
    myQuotas: async ({ who }) => ({ quotas: await quotas.of(who.userId), nextCursor: null }),
    listQuotas: ({ query }) => quotas.list(query),
    quota: async ({ params }) => ({ quota: await quotas.find(params) }),
    setQuota: ({ who, params, body, origin }) => quotas.set(params, body, who.userId, origin),
    deleteQuota: ({ who, params, origin }) => quotas.delete(params, who.userId, origin),
    recountQuota: ({ who, params, origin }) => quotas.recount(params, who.userId, origin),
  }
}
