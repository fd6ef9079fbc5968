import { recorded, type Route } from '../route.ts'
import { NewQuota, Quota, QuotaFound, QuotaParams, Quotas, QuotasQuery } from './schemas.ts'

export const QUOTAS_ROUTES = {
  myQuotas: {
    area: 'quotas',
    audience: 'user',
    summary: "The quotas that bind in the caller's home, and what is taken",
    success: { status: 200, body: Quotas },
    problems: [...recorded],
  },
  listQuotas: {
    area: 'quotas',
    audience: 'admin',
    summary: 'All quotas, and what is taken',
    query: QuotasQuery,
    success: { status: 200, body: Quotas },
    problems: ['invalid-cursor', ...recorded],
  },
  quota: {
    area: 'quotas',
    audience: 'admin',
    summary: 'A quota with what is taken, or null where there is none',
    params: QuotaParams,
    success: { status: 200, body: QuotaFound },
    problems: [...recorded],
  },
  setQuota: {
    area: 'quotas',
    audience: 'admin',
    summary: 'Set the quota of a user, a group, a bucket, or of every user',
    params: QuotaParams,
    body: NewQuota,
    success: { status: 200, body: Quota },
    problems: ['not-found', ...recorded],
  },
  deleteQuota: {
    area: 'quotas',
    audience: 'admin',
    summary: 'Delete a quota: there is no limit any more',
    params: QuotaParams,
    success: { status: 204 },
    problems: ['not-found', ...recorded],
  },
  recountQuota: {
    area: 'quotas',
    audience: 'admin',
    summary: 'Count again what is stored; countedAt tells when it is done',
    params: QuotaParams,
    success: { status: 204 },
    problems: ['not-found', ...recorded],
  },
} as const satisfies Record<string, Route>
