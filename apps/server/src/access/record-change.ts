import type { PermissionState } from '@skycrate/contract/audit-actions'
import type { PermissionFilter } from '@skycrate/contract/permissions/schemas'
import { actionsOf } from '@skycrate/core/access/operation'
import type { Caller } from '@skycrate/core/access/permission'
import type { UserId } from '@skycrate/core/naming/id'
import type { AuditLog, NewAuditEvent, RequestOrigin } from '../audit/audit-event.ts'
import type { Database, Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import { type PermissionRow, principalOf, toPermission } from './permission-rows.ts'

type PermissionAction = 'permission.create' | 'permission.update' | 'permission.delete'

/** Who changes permissions, and from where. */
export interface Author {
  /** Null for a directory. */
  readonly userId: UserId | null
  readonly origin: RequestOrigin
}

/** What a change comes to: the row as it stood, and as it will stand. */
export interface PermissionChange {
  readonly before?: PermissionRow | undefined
  readonly after?: PermissionRow | undefined
}

/** The event of a change: who got or lost what, where, until when. */
export function changeEvent(
  action: PermissionAction,
  { before, after }: PermissionChange,
  by: Author,
): NewAuditEvent & { readonly action: PermissionAction } {
  const row = (after ?? before)!
  return {
    action,
    outcome: 'allow',
    userId: by.userId,
    targetUserId: row.principal_kind === 'user' ? (row.principal as UserId) : null,
    store: row.store,
    bucket: row.bucket,
    key: row.prefix,
    reason: null,
    detail: { ...stateOf(row), ...(before && after ? { before: stateOf(before) } : {}) },
    origin: by.origin,
  }
}

/** Somebody wanted to change what is not there. */
export function missingEvent(action: PermissionAction, id: string, by: Author): NewAuditEvent {
  const detail = { permissionId: id }
  const { userId, origin } = by
  return { action, outcome: 'error', userId, bucket: null, key: null, reason: 'not-found', detail, origin }
}

export function importEvent(counts: { created: number; unchanged: number }, by: Author): NewAuditEvent {
  return { ...ofMany('permission.import', by), detail: counts }
}

export function exportEvent(filter: PermissionFilter, by: Author): NewAuditEvent {
  const { bucket = null, prefix = null } = filter
  return { ...ofMany('permission.export', by), bucket, key: prefix, detail: { filter } }
}

function ofMany(action: 'permission.import' | 'permission.export', { userId, origin }: Author) {
  return { action, outcome: 'allow', userId, bucket: null, key: null, reason: null, origin } as const
}

/** Somebody who is no administrator asked about another user. */
export function refusedQuestion(by: Caller, userId: string, origin: RequestOrigin): NewAuditEvent {
  return {
    action: 'admin.request',
    outcome: 'deny',
    userId: 'guest' in by ? null : by.userId,
    targetUserId: userId as UserId,
    bucket: null,
    key: null,
    reason: 'not-administrator',
    detail: { method: 'POST', path: '/permissions/explain' },
    origin,
  }
}

export function stateOf(row: PermissionRow): PermissionState {
  return {
    permissionId: row.id,
    principal: principalOf(row),
    store: row.store,
    bucket: row.bucket,
    prefix: row.prefix,
    actions: actionsOf(toPermission(row).actions),
    expiresAt: row.expires_at?.toISOString() ?? null,
  }
}

/**
 * Changes permissions in one transaction. What `work` records is durable before the change can be seen; when the change
 * then comes to nothing, that is recorded too.
 */
export async function changeRecorded<T>(
  use: { readonly database: Database; readonly audit: AuditLog },
  work: (tx: Sql, record: (event: NewAuditEvent) => Promise<void>) => Promise<T>,
): Promise<T> {
  const recorded: NewAuditEvent[] = []
  try {
    return await use.database.transaction((tx) =>
      work(tx, async (event) => {
        await use.audit.record(event)
        recorded.push(event)
      }),
    )
  } catch (error) {
    const reason = error instanceof AppError ? error.code : 'internal'
    for (const event of recorded) await use.audit.record({ ...event, outcome: 'error', reason }).catch(() => undefined)
    throw error
  }
}
