import type { AuditViews } from '../../audit/audit-views.ts'
import { Download } from '../download.ts'
import type { HandlersOf } from '../route.ts'

const EXPORT_TYPES = { csv: 'text/csv; charset=utf-8', jsonl: 'application/x-ndjson' } as const

export function auditHandlers(
  views: AuditViews,
): HandlersOf<'auditLogs' | 'myActivity' | 'auditStats' | 'auditUserStats' | 'auditExport'> {
  return {
    auditLogs: ({ who, query, origin }) => views.logs({ ...query, limit: query.limit ?? 100 }, who.userId, origin),
    myActivity: ({ who, query }) => views.mine({ ...query, limit: query.limit ?? 100 }, who.userId),
    auditStats: ({ who, query, origin }) => views.stats(query, who.userId, origin),
    auditUserStats: ({ who, params, query, origin }) => views.userStats(params.id, query, who.userId, origin),
    async auditExport({ who, query: { format, ...filter }, origin }) {
      const body = await views.export(filter, format, who.userId, origin)
      return new Download(EXPORT_TYPES[format], `audit-${new Date().toISOString().slice(0, 10)}.${format}`, body)
    },
  }
}
