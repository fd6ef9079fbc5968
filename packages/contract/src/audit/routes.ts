import { guarded, type Route } from '../route.ts'
import { IdParams } from '../schemas.ts'
import { AuditEvents, AuditExportQuery, AuditQuery, AuditStats, AuditStatsQuery, AuditUserStats } from './schemas.ts'

export const AUDIT_ROUTES = {
  auditLogs: {
    area: 'audit',
    audience: 'admin',
    summary: 'List audit events, newest first',
    query: AuditQuery,
    success: { status: 200, body: AuditEvents },
    problems: ['invalid-request', 'invalid-cursor', 'forbidden', ...guarded],
  },
  myActivity: {
    area: 'audit',
    audience: 'user',
    summary: "List the caller's own audit events, newest first",
    query: AuditQuery,
    success: { status: 200, body: AuditEvents },
    problems: ['invalid-request', 'invalid-cursor', ...guarded],
  },
  auditStats: {
    area: 'audit',
    audience: 'admin',
    summary: 'Count the events of a time by outcome, action, day, user and bucket',
    query: AuditStatsQuery,
    success: { status: 200, body: AuditStats },
    problems: ['invalid-request', 'forbidden', ...guarded],
  },
  auditUserStats: {
    area: 'audit',
    audience: 'admin',
    summary: "Count one user's events; of the last 90 days unless the request says otherwise",
    params: IdParams,
    query: AuditStatsQuery,
    success: { status: 200, body: AuditUserStats },
    problems: ['invalid-request', 'forbidden', ...guarded],
  },
  auditExport: {
    area: 'audit',
    audience: 'admin',
    summary: 'Export matching events as CSV or JSON Lines, newest first',
    query: AuditExportQuery,
    success: { status: 200, download: ['text/csv', 'application/x-ndjson'] },
    problems: ['invalid-request', 'forbidden', ...guarded],
  },
} as const satisfies Record<string, Route>
