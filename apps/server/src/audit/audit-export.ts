import { Readable } from 'node:stream'
import type { AuditEvent } from '@skycrate/contract/audit/schemas'
import { BOM, csvRecord } from '../csv/write-csv.ts'
import type { Sql } from '../db/database.ts'
import type { AuditFilter } from './audit-filter.ts'
import { readAuditEvents } from './audit-reader.ts'

const PAGE = 1000

export type ExportFormat = 'csv' | 'jsonl'

const FIELDS = [
  'id',
  'at',
  'action',
  'outcome',
  'count',
  'userId',
  'userEmail',
  'userName',
  'targetUserId',
  'targetEmail',
  'targetName',
  'store',
  'bucket',
  'key',
  'reason',
  'detail',
  'door',
  'ip',
  'userAgent',
  'requestId',
] as const satisfies (keyof AuditEvent)[]

/** The matching events, newest first, read as fast as they are taken: one page of them is in memory. */
export function exportAuditEvents(sql: Sql, filter: AuditFilter, format: ExportFormat): Readable {
  const write = format === 'csv' ? csvLine : (event: AuditEvent) => `${JSON.stringify(event)}\n`
  async function* pages(): AsyncGenerator<string> {
    if (format === 'csv') yield BOM + csvRecord(FIELDS)
    let cursor: string | undefined
    do {
      const page = await readAuditEvents(sql, { ...filter, cursor, limit: PAGE })
      if (page.events.length > 0) yield page.events.map(write).join('')
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
  }
  return Readable.from(pages(), { objectMode: false })
}

const csvLine = (event: AuditEvent): string =>
  csvRecord(
    FIELDS.map((field) => {
      const value = event[field]
      if (value === null) return ''
      return typeof value === 'object' ? JSON.stringify(value) : String(value)
    }),
  )
