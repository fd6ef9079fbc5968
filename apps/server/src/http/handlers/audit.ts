import type { AuditLog } from '../../audit/audit-event.ts'
import { readAuditEvents } from '../../audit/audit-reader.ts'
import type { Sql } from '../../db/database.ts'
import type { HandlersOf } from '../route.ts'

export function auditHandlers(database: Sql, audit: AuditLog): HandlersOf<'auditLogs' | 'myActivity'> {
  return {
    async auditLogs({ who, query, origin }) {
      const { limit = 100, cursor, ...filter } = query
      await audit.record({
        action: 'audit.read',
        outcome: 'allow',
        userId: who.userId,
        bucket: null,
        key: null,
        reason: null,
        detail: { view: 'logs', filter },
        origin,
      })
      return readAuditEvents(database, { ...filter, cursor, limit })
    },
    myActivity: ({ who, query }) =>
      readAuditEvents(database, { ...query, limit: query.limit ?? 100, userId: who.userId }),
  }
}
