import type {
  NewPermission as NewPermissionBody,
  Permission as PermissionBody,
} from '@skycrate/contract/permissions/schemas'
import type { NewPermission } from '@skycrate/core/access/levels'
import { type ActionSet, actionSet, actionsOf } from '@skycrate/core/access/operation'
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
  updated_at: Date
}

/** With the name under which people know the principal. */
export interface NamedRow extends PermissionRow {
  principal_name: string
}

/** Of `permissions p`. */
export const PERMISSION_COLUMNS = `p.id, p.principal_kind, p.principal, p.principal_issuer, p.store, p.bucket, p.prefix,
  p.can_read, p.can_write, p.can_delete, p.can_list, p.expires_at, p.description, p.created_at, p.updated_at`

/** Of `users u`: an address that nobody has verified names nobody. */
export const USER_NAME = `coalesce(nullif(u.name, ''), case when u.email_verified then u.email end, u.id)`

/** With `NAMED_PERMISSIONS`. */
export const NAMED_COLUMNS = `${PERMISSION_COLUMNS}, case p.principal_kind
  when 'user' then coalesce(${USER_NAME}, p.principal)
  when 'group' then p.principal when 'everyone' then 'Everyone' else 'Guests' end as principal_name`

export const NAMED_PERMISSIONS = `permissions p left join users u on p.principal_kind = 'user' and u.id = p.principal`

/** What `decide` is asked with: no names. */
export async function readPermissionsFor(sql: Sql, caller: Caller): Promise<Permission[]> {
  return (await readFor<PermissionRow>(sql, caller, PERMISSION_COLUMNS, 'permissions p', 'permissions-for-user')).map(
    toPermission,
  )
}

export async function readRowsFor(sql: Sql, caller: Caller): Promise<NamedRow[]> {
  return readFor<NamedRow>(sql, caller, NAMED_COLUMNS, NAMED_PERMISSIONS, 'named-permissions-for-user')
}

async function readFor<Row extends object>(
  sql: Sql,
  caller: Caller,
  columns: string,
  from: string,
  name: string,
): Promise<Row[]> {
  if ('guest' in caller) return sql.query<Row>(`select ${columns} from ${from} where p.principal_kind = 'guest'`)
  return sql.query<Row>(
    `select ${columns} from ${from} where p.principal_kind = 'user' and p.principal = $1
     union all
     select ${columns} from ${from} where p.principal_kind = 'everyone'
     union all
     select ${columns} from ${from}
     join unnest($2::text[], $3::text[]) as held (name, issuer)
       on p.principal = held.name and p.principal_issuer is not distinct from held.issuer
     where p.principal_kind = 'group'`,
    [caller.userId, caller.groups.map((group) => group.name), caller.groups.map(({ issuer }) => issuer)],
    name,
  )
}

/** @param lock holds it until the transaction ends */
export async function readRow(sql: Sql, id: string, lock: 'lock' | 'look' = 'look'): Promise<NamedRow | undefined> {
  const [row] = await sql.query<NamedRow>(
    `select ${NAMED_COLUMNS} from ${NAMED_PERMISSIONS} where p.id = $1 ${lock === 'lock' ? 'for update of p' : ''}`,
    [id],
  )
  return row
}

const VALUES = `principal_kind, principal, principal_issuer, store, bucket, prefix, can_read, can_write, can_delete,
  can_list, expires_at, description`

function valuesOf(permission: NewPermission): (string | boolean | null)[] {
  const { principal, store, bucket, prefix, actions, expiresAt, description } = permission
  return [
    principal.kind,
    principalText(principal),
    principal.kind === 'group' ? principal.issuer : null,
    store,
    bucket,
    prefix,
    ...flagsOf(actions),
    expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
    description,
  ]
}

/** In the order of `can_read`, `can_write`, `can_delete`, `can_list`. */
export function flagsOf(actions: ActionSet): boolean[] {
  const set = new Set(actionsOf(actions))
  return [set.has('read'), set.has('write'), set.has('delete'), set.has('list')]
}

export interface Inserted {
  readonly row: NamedRow
  /** False: a row that grants the same was there before, and is the one. */
  readonly isNew: boolean
}

/** The same grant is one row, however often it is given. */
export async function insertPermission(sql: Sql, id: PermissionId, permission: NewPermission): Promise<Inserted> {
  for (;;) {
    const inserted = await sql.query<{ id: string }>(
      `insert into permissions (id, ${VALUES}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
       on conflict do nothing returning id`,
      [id, ...valuesOf(permission)],
    )
    const row = inserted.length > 0 ? await readRow(sql, id) : await readSame(sql, permission)
    if (row) return { row, isNew: inserted.length > 0 }
    // Deleted between the two statements: now there is room.
  }
}

/** The row that grants exactly this, whatever its description. */
export async function readSame(sql: Sql, permission: NewPermission): Promise<NamedRow | undefined> {
  const [row] = await sql.query<NamedRow>(
    `select ${NAMED_COLUMNS} from ${NAMED_PERMISSIONS}
     where p.principal_kind = $1 and p.principal = $2 and p.principal_issuer is not distinct from $3 and p.store = $4
       and p.bucket = $5 and p.prefix = $6 and p.can_read = $7 and p.can_write = $8 and p.can_delete = $9
       and p.can_list = $10 and p.expires_at is not distinct from $11
       and md5(p.principal) = md5($2) and md5(p.prefix) = md5($6)`,
    valuesOf(permission).slice(0, -1),
  )
  return row
}

/** Its version ascends by a millisecond at least, since that is what callers compare. */
export async function updatePermission(sql: Sql, id: string, permission: NewPermission): Promise<NamedRow> {
  await sql.query(
    `update permissions set (${VALUES}) = ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13), updated_at = greatest(
       date_trunc('milliseconds', clock_timestamp()), date_trunc('milliseconds', updated_at) + interval '1 millisecond')
     where id = $1`,
    [id, ...valuesOf(permission)],
  )
  return (await readRow(sql, id))!
}

export async function deletePermissionRow(sql: Sql, id: string): Promise<boolean> {
  return (await sql.query('delete from permissions where id = $1 returning id', [id])).length > 0
}

export function principalText(principal: Principal): string {
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

export function principalOf(row: PermissionRow): Principal {
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

export function toPermissionBody(row: NamedRow): PermissionBody {
  return {
    id: row.id,
    principal: principalBody(principalOf(row)),
    principalName: row.principal_name,
    store: row.store,
    bucket: row.bucket,
    prefix: row.prefix,
    actions: actionsOf(toPermission(row).actions),
    expiresAt: row.expires_at?.toISOString() ?? null,
    description: row.description,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  }
}

/** One of SkyCrate's own groups is written without an issuer. */
export function principalBody(principal: Principal): PermissionBody['principal'] {
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

/** The request's shape as the domain's; `checkPermission` says whether it can mean what it says. */
export function fromPermissionBody(body: NewPermissionBody): NewPermission {
  const { expiresAt } = body
  return {
    principal: fromPrincipalBody(body.principal),
    store: body.store ?? DEFAULT_STORE,
    bucket: body.bucket,
    prefix: body.prefix,
    actions: actionSet(body.actions),
    expiresAt: expiresAt === undefined || expiresAt === null ? undefined : Date.parse(expiresAt),
    description: body.description ?? '',
  }
}
