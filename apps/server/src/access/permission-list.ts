import type { PermissionFilter } from '@skycrate/contract/permissions/schemas'
import { isId } from '@skycrate/core/naming/id'
import { DEFAULT_STORE } from '@skycrate/core/naming/store'
import type { Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import { NAMED_COLUMNS, NAMED_PERMISSIONS, type NamedRow } from './permission-rows.ts'

export interface PermissionPage {
  readonly rows: readonly NamedRow[]
  readonly nextCursor: string | null
}

/**
 * A page of permissions: by id, or of one bucket by prefix and id. Each combination of filters seeks in an index.
 * @throws AppError `invalid-request` for filters that need another one; `invalid-cursor`
 */
export async function readPermissionPage(
  sql: Sql,
  filter: PermissionFilter,
  limit: number,
  cursor: string | undefined,
): Promise<PermissionPage> {
  checkFilter(filter)
  const values: unknown[] = []
  const value = (given: unknown): string => `$${values.push(given)}`
  const conditions = conditionsOf(filter, value)
  const byPrefix = filter.bucket !== undefined
  if (cursor !== undefined) {
    const [id, prefix] = readCursor(cursor, byPrefix)
    conditions.push(
      byPrefix ? `(p.prefix collate "C", p.id) > (${value(prefix)}, ${value(id)})` : `p.id > ${value(id)}`,
    )
  }
  const rows = await sql.query<NamedRow>(
    `select ${NAMED_COLUMNS} from ${NAMED_PERMISSIONS}
     ${conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`}
     order by ${byPrefix ? 'p.prefix collate "C", p.id' : 'p.id'} limit ${value(limit + 1)}`,
    values,
  )
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return { rows: page, nextCursor: rows.length > limit && last ? writeCursor(last, byPrefix) : null }
}

function checkFilter({ group, issuer, bucket, prefix }: PermissionFilter): void {
  const errors = []
  if (issuer !== undefined && group === undefined) errors.push({ path: '/issuer', message: 'needs a group' })
  if (prefix !== undefined && bucket === undefined) errors.push({ path: '/prefix', message: 'needs a bucket' })
  if (prefix !== undefined && !prefix.isWellFormed()) {
    errors.push({ path: '/prefix', message: 'is not well-formed Unicode' })
  }
  if (errors.length > 0) throw new AppError('invalid-request', undefined, { errors })
}

function conditionsOf(filter: PermissionFilter, value: (given: unknown) => string): string[] {
  const { kind, userId, group, issuer, store, bucket, prefix } = filter
  const conditions: string[] = []
  if (kind !== undefined) conditions.push(`p.principal_kind = ${value(kind)}`)
  if (kind === 'everyone' || kind === 'guest') conditions.push(`p.principal = ''`)
  if (userId !== undefined) conditions.push(`p.principal_kind = 'user' and p.principal = ${value(userId)}`)
  if (group !== undefined) conditions.push(`p.principal_kind = 'group' and p.principal = ${value(group)}`)
  if (issuer !== undefined) {
    conditions.push(issuer === '' ? 'p.principal_issuer is null' : `p.principal_issuer = ${value(issuer)}`)
  }
  if (store !== undefined || bucket !== undefined) conditions.push(`p.store = ${value(store ?? DEFAULT_STORE)}`)
  if (bucket !== undefined) conditions.push(`p.bucket = ${value(bucket)}`)
  if (prefix !== undefined && prefix !== '') {
    const start = `${value(prefix)}::text`
    // In byte order, what begins with a text is a range, up to the text and the last of all characters.
    conditions.push(`p.prefix collate "C" >= ${start} and p.prefix collate "C" < ${start} || U&'\\+10FFFF'`)
  }
  return conditions
}

function writeCursor(row: NamedRow, byPrefix: boolean): string {
  return Buffer.from(JSON.stringify(byPrefix ? [row.id, row.prefix] : [row.id])).toString('base64url')
}

function readCursor(cursor: string, byPrefix: boolean): readonly [id: string, prefix: string] {
  const [id, prefix = '', ...more] = parseArray(Buffer.from(cursor, 'base64url').toString())
  const fits = typeof id === 'string' && isId('prm', id) && typeof prefix === 'string' && more.length === 0
  if (!fits || prefix.includes('\0') || !prefix.isWellFormed() || (!byPrefix && prefix !== '')) {
    throw new AppError('invalid-cursor')
  }
  return [id, prefix]
}

function parseArray(json: string): unknown[] {
  try {
    const value: unknown = JSON.parse(json)
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}
