import type { AuditLog } from '../audit/audit-event.ts'
import type { Sql } from '../db/database.ts'
import { PERMISSION_COLUMNS, type PermissionRow } from './permission-rows.ts'
import { type Author, changeEvent } from './record-change.ts'

/** Rows of one batch, which are recorded together. */
const BATCH = 500

/**
 * Deletes every permission of a user or a group; each is in the audit log before it goes.
 * @param principal a user's id or a group's name
 * @param issuer of a group: null for one of SkyCrate's own
 * @throws AppError `audit-unavailable`
 */
export async function deletePermissionsOf(
  sql: Sql,
  kind: 'user' | 'group',
  principal: string,
  { audit, by }: { readonly audit: AuditLog; readonly by: Author },
  issuer: string | null = null,
): Promise<void> {
  for (;;) {
    const rows = await sql.query<PermissionRow>(
      `select ${PERMISSION_COLUMNS} from permissions p
       where p.principal_kind = $1 and p.principal = $2 and p.principal_issuer is not distinct from $3
       order by p.id limit ${BATCH}`,
      [kind, principal, issuer],
    )
    if (rows.length === 0) return
    await Promise.all(rows.map((before) => audit.record(changeEvent('permission.delete', { before }, by))))
    await sql.query('delete from permissions where id = any($1::text[])', [rows.map(({ id }) => id)])
  }
}
