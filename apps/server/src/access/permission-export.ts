import { Readable } from 'node:stream'
import type { PermissionFilter } from '@skycrate/contract/permissions/schemas'
import type { Sql } from '../db/database.ts'
import { csvHeader, csvLine } from './permission-csv.ts'
import { readPermissionPage } from './permission-list.ts'

/** Rows that are read and sent at once. */
const PAGE = 1000

/** The permissions as CSV, read page by page as they are sent: memory does not grow with their number. */
export async function exportPermissions(sql: Sql, filter: PermissionFilter): Promise<Readable> {
  // A wrong filter is told before the answer has begun.
  let page = await readPermissionPage(sql, filter, PAGE, undefined)
  async function* text(): AsyncGenerator<string> {
    yield csvHeader()
    for (;;) {
      yield page.rows.map(csvLine).join('')
      if (page.nextCursor === null) return
      page = await readPermissionPage(sql, filter, PAGE, page.nextCursor)
    }
  }
  return Readable.from(text(), { objectMode: false })
}
