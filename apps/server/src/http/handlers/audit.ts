import { readAuditEvents } from '../../audit/audit-reader.ts'
import type { Sql } from '../../db/database.ts'
import type { HandlersOf } from '../route.ts'

export function auditHandlers(database: Sql): HandlersOf<'auditLogs' | 'myActivity'> {
  return {
    auditLogs: ({ query }) => readAuditEvents(database, { ...query, limit: query.limit ?? 100 }),
    myActivity: ({ who, query }) =>
      readAuditEvents(database, { ...query, limit: query.limit ?? 100, userId: who.userId }),
  }
}
