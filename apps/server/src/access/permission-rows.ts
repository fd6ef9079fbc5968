import type {
  NewPermission as NewPermissionBody,
  Permission as PermissionBody,
} from '@skycrate/contract/permissions/schemas'
import type { NewPermission } from '@skycrate/core/access/levels'
import { actionSet, actionsOf } from '@skycrate/core/access/operation'
import type { Caller, Permission, Principal } from '@skycrate/core/access/permission'
import type { PermissionId, UserId } from '@skycrate/core/naming/id'
import { DEFAULT_STORE, type StoreId } from '@skycrate/core/naming/store'
import type { Sql } from '../db/database.ts'

export interface PermissionRow {
  id: PermissionId
  principal_kind: Principal['kind']
  principal: string
  principal_issuer: string | null
  store: StoreId
  bucket: string
  prefix: string
  can_read: boolean
  can_write: boolean
  can_delete: boolean
  can_list: boolean
  expires_at: Date | null
  description: string
  created_at: Date
}

const COLUMNS = `id, principal_kind, principal, principal_issuer, store, bucket, prefix, can_read, can_write, can_delete, can_list,
  expires_at, description, created_at`

export async function readPermissionsFor(sql: Sql, caller: Caller): Promise<Permission[]> {
  return (await readRowsFor(sql, caller)).map(toPermission)
}

export async function readRowsFor(sql: Sql, caller: Caller): Promise<PermissionRow[]> {
  if ('guest' in caller) {
    return sql.query<PermissionRow>(`select ${COLUMNS} from permissions where principal_kind = 'guest'`)
  }
  return sql.query<PermissionRow>(
    `select ${COLUMNS} from permissions where principal_kind = 'user' and principal = $1
     union all
     select ${COLUMNS} from permissions where principal_kind = 'everyone'
     union all
     select ${COLUMNS} from permissions
     join unnest($2::text[], $3::text[]) as held (name, issuer)
       on principal = held.name and principal_issuer is not distinct from held.issuer
     where principal_kind = 'group'`,
    [caller.userId, caller.groups.map(({ name }) => name), caller.groups.map(({ issuer }) => issuer)],
    'permissions-for-user',
  )
}

/** @param cursor the id of the last permission of the page before */
export async function readPermissionRows(
  sql: Sql,
  limit: number,
  cursor: string | undefined,
): Promise<PermissionRow[]> {
  return sql.query<PermissionRow>(
    `select ${COLUMNS} from permissions where ($1::text is null or id > $1) order by id limit $2`,
    [cursor ?? null, limit],
  )
}

export async function insertPermission(sql: Sql, id: PermissionId, permission: NewPermission): Promise<PermissionRow> {
  const actions = new Set(actionsOf(permission.actions))
  const [row] = await sql.query<PermissionRow>(
    `insert into permissions (id, principal_kind, principal, bucket, prefix, can_read, can_write, can_delete, can_list,
       expires_at, description, store, principal_issuer)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) returning ${COLUMNS}`,
    [
      id,
      permission.principal.kind,
      principalText(permission.principal),
      permission.bucket,
      permission.prefix,
      actions.has('read'),
      actions.has('write'),
      actions.has('delete'),
      actions.has('list'),
      permission.expiresAt === undefined ? null : new Date(permission.expiresAt).toISOString(),
      permission.description,
      permission.store,
      permission.principal.kind === 'group' ? permission.principal.issuer : null,
    ],
  )
  return row!
}

export async function deletePermissionRow(sql: Sql, id: string): Promise<PermissionRow | undefined> {
  const [row] = await sql.query<PermissionRow>(`delete from permissions where id = $1 returning ${COLUMNS}`, [id])
  return row
}

function principalText(principal: Principal): string {
  switch (principal.kind) {
    case 'user':
      return principal.userId
    case 'group':
      return principal.group
    case 'everyone':
    case 'guest':
      return ''
  }
}

function principalOf(row: PermissionRow): Principal {
  switch (row.principal_kind) {
    case 'user':
      return { kind: 'user', userId: row.principal as UserId }
    case 'group':
      return { kind: 'group', group: row.principal, issuer: row.principal_issuer }
    case 'everyone':
    case 'guest':
      return { kind: row.principal_kind }
  }
}

export function toPermission(row: PermissionRow): Permission {
  const actions = actionSet([
    ...(row.can_read ? (['read'] as const) : []),
    ...(row.can_write ? (['write'] as const) : []),
    ...(row.can_delete ? (['delete'] as const) : []),
    ...(row.can_list ? (['list'] as const) : []),
  ])
  return {
    id: row.id,
    principal: principalOf(row),
    store: row.store,
    bucket: row.bucket,
    prefix: row.prefix,
    actions,
    expiresAt: row.expires_at?.getTime(),
  }
}

export function toPermissionBody(row: PermissionRow): PermissionBody {
  return {
    id: row.id,
    principal: principalBody(principalOf(row)),
    bucket: row.bucket,
    prefix: row.prefix,
    actions: actionsOf(toPermission(row).actions),
    expiresAt: row.expires_at?.toISOString() ?? null,
    description: row.description,
    createdAt: row.created_at.toISOString(),
  }
}

/** One of SkyCrate's own groups is written without an issuer. */
function principalBody(principal: Principal): PermissionBody['principal'] {
  if (principal.kind !== 'group' || principal.issuer !== null) return principal as PermissionBody['principal']
  return { kind: 'group', group: principal.group }
}

function fromPrincipalBody(principal: NewPermissionBody['principal']): Principal {
  switch (principal.kind) {
    case 'user':
      return { kind: 'user', userId: principal.userId as UserId }
    case 'group':
      return { kind: 'group', group: principal.group, issuer: principal.issuer ?? null }
    case 'everyone':
    case 'guest':
      return principal
  }
}

/** The request's shape as the domain's; the prefix is checked by the use case. */
export function fromPermissionBody(body: NewPermissionBody): NewPermission {
  return {
    principal: fromPrincipalBody(body.principal),
    store: DEFAULT_STORE,
    bucket: body.bucket,
    prefix: body.prefix,
    actions: actionSet(body.actions),
    expiresAt: body.expiresAt === undefined ? undefined : Date.parse(body.expiresAt),
    description: body.description ?? '',
  }
}
