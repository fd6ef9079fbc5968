import { randomBytes } from 'node:crypto'
import type { AuditActionOf } from '@skycrate/contract/audit-actions'
import type * as Contract from '@skycrate/contract/permissions/schemas'
import type { Caller } from '@skycrate/core/access/permission'
import { USER_ID_VARIABLE } from '@skycrate/core/access/variables'
import { parseBucketName } from '@skycrate/core/naming/bucket'
import { createId, isId, type UserId } from '@skycrate/core/naming/id'
import { parsePrefix } from '@skycrate/core/naming/prefix'
import { DEFAULT_STORE } from '@skycrate/core/naming/store'
import type { AuditLog, NewAuditEvent, RequestOrigin } from '../audit/audit-event.ts'
import type { Database, Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import { callerOfUser, withOwnGroups } from '../users/groups-of-user.ts'
import { explain } from './explain.ts'
import {
  deletePermissionRow,
  fromPermissionBody,
  insertPermission,
  type PermissionRow,
  readPermissionRows,
  readRowsFor,
  toPermissionBody,
} from './permission-rows.ts'

export interface Permissions {
  list(limit: number, cursor: string | undefined): Promise<Contract.Permissions>
  mine(caller: Caller): Promise<Contract.Permissions>
  create(body: Contract.NewPermission, by: UserId, origin: RequestOrigin): Promise<Contract.Permission>
  remove(id: string, by: UserId, origin: RequestOrigin): Promise<void>
  /** @throws AppError `forbidden` when somebody who is no administrator asks about another user */
  explain(
    request: Contract.ExplainRequest,
    by: Caller & { readonly isAdmin: boolean },
    origin: RequestOrigin,
  ): Promise<Contract.Explanation>
}

/** Milliseconds since the epoch: the end of the last year that ISO 8601 writes with four digits. */
const LAST_EXPIRY_MS = Date.UTC(10_000, 0) - 1

/** An administrator's use cases on permissions. Each change is in the audit log before it holds. */
export function createPermissions(options: {
  readonly database: Database
  readonly audit: AuditLog
  readonly now: () => number
  /** Whether guests may be given more than to look. */
  readonly guestWrites: boolean
}): Permissions {
  const { database, audit, now, guestWrites } = options

  /** Makes the change and records what it was about, then commits: no change holds that the log does not tell of. */
  async function changed<Row extends PermissionRow | undefined>(
    action: AuditActionOf<'permission'>,
    by: UserId,
    origin: RequestOrigin,
    change: (tx: Sql) => Promise<Row>,
  ): Promise<Row extends PermissionRow ? Contract.Permission : Contract.Permission | undefined> {
    let event: NewAuditEvent | undefined
    try {
      return (await database.transaction(async (tx) => {
        const row = await change(tx)
        if (row === undefined) return undefined
        const body = toPermissionBody(row)
        event = permissionEvent(action, row, by, origin)
        await audit.record(event)
        return body
      })) as Row extends PermissionRow ? Contract.Permission : Contract.Permission | undefined
    } catch (error) {
      const code = error instanceof AppError ? error.code : 'internal'
      if (event && code !== 'audit-unavailable') await audit.record({ ...event, outcome: 'error', reason: code })
      throw error
    }
  }

  return {
    async list(limit, cursor) {
      if (cursor !== undefined && !isId('prm', cursor)) throw new AppError('invalid-cursor')
      const rows = await readPermissionRows(database, limit + 1, cursor)
      const page = rows.slice(0, limit)
      return { permissions: page.map(toPermissionBody), nextCursor: rows.length > limit ? page.at(-1)!.id : null }
    },

    async mine(caller) {
      const rows = await readRowsFor(database, await withOwnGroups(database, caller))
      return { permissions: rows.map(toPermissionBody), nextCursor: null }
    },

    async create(body, by, origin) {
      checkNewPermission(body, guestWrites)
      if (body.principal.kind === 'user') await requireUser(database, body.principal.userId)
      const id = createId('prm', now(), randomBytes(10))
      return changed('permission.create', by, origin, async (tx) => {
        return insertPermission(tx, id, fromPermissionBody(body))
      })
    },

    async remove(id, by, origin) {
      if (!isId('prm', id)) throw new AppError('not-found')
      const deleted = await changed('permission.delete', by, origin, (tx) => deletePermissionRow(tx, id))
      if (deleted !== undefined) return
      await audit.record({
        action: 'permission.delete',
        outcome: 'error',
        userId: by,
        bucket: null,
        key: null,
        reason: 'not-found',
        detail: { permissionId: id },
        origin,
      })
      throw new AppError('not-found')
    },

    async explain({ bucket, key, action, userId }, by, origin) {
      const isOwn = userId === undefined || (!('guest' in by) && by.userId === userId)
      if (!isOwn && !by.isAdmin) {
        await audit.record({
          action: 'admin.request',
          outcome: 'deny',
          userId: 'guest' in by ? null : by.userId,
          targetUserId: userId as UserId,
          bucket: null,
          key: null,
          reason: 'not-administrator',
          detail: { method: 'POST', path: '/permissions/explain' },
          origin,
        })
        throw new AppError('forbidden', 'Only an administrator may ask about somebody else.')
      }
      const caller: Caller = isOwn ? await withOwnGroups(database, by) : await callerOfUser(database, userId as UserId)
      return explain(await readRowsFor(database, caller), { store: DEFAULT_STORE, bucket, key, action }, caller, now())
    },
  }
}

function permissionEvent(
  action: AuditActionOf<'permission'>,
  row: PermissionRow,
  userId: UserId,
  origin: RequestOrigin,
): NewAuditEvent {
  const { id: permissionId, principal, bucket, prefix, actions, expiresAt } = toPermissionBody(row)
  const { store } = row
  const detail = { permissionId, principal, store, bucket, prefix, actions, expiresAt }
  const target = principal.kind === 'user' ? { targetUserId: principal.userId as UserId } : {}
  return { action, outcome: 'allow', userId, ...target, store, bucket, key: prefix, reason: null, detail, origin }
}

function checkNewPermission(body: Contract.NewPermission, guestWrites: boolean): void {
  const errors: { path: string; message: string }[] = []
  if (!parseBucketName(body.bucket)) errors.push({ path: '/bucket', message: 'is no bucket name' })
  // Any id stands in for the variable: what is checked is the prefix around it.
  const expanded = body.prefix.replaceAll(USER_ID_VARIABLE, 'usr_0')
  const prefix = parsePrefix(expanded)
  if (!prefix.ok) {
    errors.push({ path: '/prefix', message: `must be '' or a folder that ends in '/' (${prefix.problem})` })
  } else if (expanded.includes('${')) {
    errors.push({ path: '/prefix', message: `knows no variable but ${USER_ID_VARIABLE}` })
  } else if (body.principal.kind === 'guest' && expanded !== body.prefix) {
    errors.push({ path: '/prefix', message: 'a guest has no id to put in' })
  }
  const writes = body.actions.includes('write') || body.actions.includes('delete')
  if (body.principal.kind === 'guest' && writes && !guestWrites) {
    errors.push({ path: '/actions', message: 'guests may only read and list here' })
  }
  const expiresAt = body.expiresAt === undefined ? undefined : Date.parse(body.expiresAt)
  if (expiresAt !== undefined && !(expiresAt >= 0 && expiresAt <= LAST_EXPIRY_MS)) {
    errors.push({ path: '/expiresAt', message: 'must be in the years 1970 to 9999' })
  }
  if (errors.length > 0) throw new AppError('invalid-request', undefined, { errors })
}

async function requireUser(database: Database, userId: string): Promise<void> {
  const found = await database.query('select 1 from users where id = $1', [userId])
  if (found.length > 0) return
  throw new AppError('invalid-request', undefined, {
    errors: [{ path: '/principal/userId', message: 'is no user of SkyCrate' }],
  })
}
