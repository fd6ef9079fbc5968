import { guarded, type Route } from '../route.ts'
import { AuditEvents, AuditQuery } from './schemas.ts'

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
} as const satisfies Record<string, Route>
