import type { AuditPrincipal } from '@skycrate/contract/audit-actions'
import type { UserId } from '@skycrate/core/naming/id'
import type { StoreId } from '@skycrate/core/naming/store'
import type { AuditLog, RequestOrigin } from '../audit/audit-event.ts'
import type { Sql } from '../db/database.ts'

interface Row {
  readonly permissionId: string
  readonly kind: AuditPrincipal['kind']
  readonly principal: string
  readonly issuer: string | null
  readonly prefix: string
  readonly actions: readonly string[]
  readonly expiresAt: Date | null
}

/** Permissions of one bucket; `prefix` and `userId` narrow it. */
export interface PermissionPlace {
  readonly store: StoreId
  readonly bucket: string
  readonly prefix?: string
  readonly userId?: UserId
}

/**
 * Records the deletion of every permission of a place, for those who delete the rows in a statement of their own, next.
 * @param by who deletes them; null for SkyCrate itself
 * @throws AppError `audit-unavailable`
 */
export async function recordDeletedPermissions(
  sql: Sql,
  { store, bucket, prefix, userId }: PermissionPlace,
  options: { readonly audit: AuditLog; readonly by: UserId | null; readonly origin: RequestOrigin },
): Promise<void> {
  const { audit, by, origin } = options
  const rows = await sql.query<Row>(
    `select id as "permissionId", principal_kind as kind, principal, principal_issuer as issuer, prefix,
       expires_at as "expiresAt", array_remove(array[
         case when can_read then 'read' end, case when can_write then 'write' end,
         case when can_delete then 'delete' end, case when can_list then 'list' end], null) as actions
     from permissions
     where store = $1 and bucket = $2 and ($3::text is null or prefix = $3)
       and ($4::text is null or (principal_kind = 'user' and principal = $4))`,
    [store, bucket, prefix ?? null, userId ?? null],
  )
  const events = rows.map((row) => {
    const { permissionId, actions } = row
    const expiresAt = row.expiresAt?.toISOString() ?? null
    return audit.record({
      action: 'permission.delete',
      outcome: 'allow',
      userId: by,
      ...(row.kind === 'user' ? { targetUserId: row.principal as UserId } : {}),
      store,
      bucket,
      key: row.prefix,
      reason: null,
      detail: { permissionId, principal: principalOf(row), store, bucket, prefix: row.prefix, actions, expiresAt },
      origin,
    })
  })
  await Promise.all(events)
}

function principalOf({ kind, principal, issuer }: Row): AuditPrincipal {
  switch (kind) {
    case 'user':
      return { kind, userId: principal }
    case 'group':
      return { kind, group: principal, issuer }
    case 'everyone':
    case 'guest':
      return { kind }
  }
}
