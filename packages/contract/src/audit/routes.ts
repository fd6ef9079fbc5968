import { guarded, type Route } from '../route.ts'
import { AuditEvents, AuditQuery } from './schemas.ts'

export const AUDIT_ROUTES = {
  auditLogs: {
    area: 'audit',
    audience: 'admin',
    summary: 'The audit log, newest first',
    query: AuditQuery,
    success: { status: 200, body: AuditEvents },
    problems: ['invalid-request', 'invalid-cursor', 'forbidden', ...guarded],
  },
  myActivity: {
    area: 'audit',
    audience: 'user',
    summary: "The caller's own part of the audit log",
    query: AuditQuery,
    success: { status: 200, body: AuditEvents },
    problems: ['invalid-request', 'invalid-cursor', ...guarded],
  },
} as const satisfies Record<string, Route>
