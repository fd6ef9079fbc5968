import type { Filter } from 'scim2-parse-filter'
import type { Condition } from './directory-user-rows.ts'

/** A filter that can't be answered, in words for its author. */
export class FilterRefusedError extends Error {
  override readonly name = 'FilterRefusedError'
}

/** How one attribute stands in the database. */
type Column =
  | { readonly kind: 'text'; readonly sql: string; readonly exact?: true }
  | { readonly kind: 'boolean' | 'time'; readonly sql: string }
  /** Of a list, whether one entry is as the filter within says. */
  | { readonly kind: 'list'; readonly sql: (condition: string) => string; readonly entry: Columns }

type Columns = ReadonlyMap<string, Column>

const entryOf = (name: string): Column => ({ kind: 'text', sql: `e.entry ->> '${name}'` })
const textOf = (...path: string[]): Column => ({ kind: 'text', sql: `d.attributes #>> '{${path.join(',')}}'` })
const EMAIL: Columns = new Map<string, Column>([
  ['value', entryOf('value')],
  ['type', entryOf('type')],
  ['primary', { kind: 'boolean', sql: `lower(e.entry ->> 'primary') = 'true'` }],
])
const emails = (condition: string): string =>
  `exists (select 1 from jsonb_array_elements(
     case jsonb_typeof(d.attributes -> 'emails') when 'array' then d.attributes -> 'emails' else '[]' end
   ) as e (entry) where ${condition})`
const MEMBER: Columns = new Map<string, Column>([['value', { kind: 'text', sql: 'm.user_id', exact: true }]])
const members = (condition: string): string =>
  `exists (select 1 from group_members m where m.group_id = g.id and not m.from_claims and ${condition})`

/** By their names in lower case, since names of attributes have no case. */
export const USER_ATTRIBUTES: Columns = new Map<string, Column>([
  ['id', { kind: 'text', sql: 'd.user_id', exact: true }],
  ['username', { kind: 'text', sql: 'd.user_name' }],
  ['externalid', { kind: 'text', sql: 'd.external_id', exact: true }],
  ['active', { kind: 'boolean', sql: `u.state in ('active', 'invited')` }],
  ['displayname', textOf('displayName')],
  ['title', textOf('title')],
  ['name.givenname', textOf('name', 'givenName')],
  ['name.familyname', textOf('name', 'familyName')],
  ['name.formatted', textOf('name', 'formatted')],
  ['emails', { kind: 'list', sql: emails, entry: EMAIL }],
  ['meta.created', { kind: 'time', sql: 'd.created_at' }],
  ['meta.lastmodified', { kind: 'time', sql: 'greatest(d.updated_at, u.updated_at)' }],
])

export const GROUP_ATTRIBUTES: Columns = new Map<string, Column>([
  ['id', { kind: 'text', sql: 'g.id', exact: true }],
  ['displayname', { kind: 'text', sql: 'g.name' }],
  ['externalid', { kind: 'text', sql: 'g.external_id', exact: true }],
  ['members', { kind: 'list', sql: members, entry: MEMBER }],
  ['meta.created', { kind: 'time', sql: 'g.created_at' }],
  ['meta.lastmodified', { kind: 'time', sql: 'g.updated_at' }],
])

/** Comparisons of one filter: each costs a look at every row. */
const MAX_COMPARISONS = 50
const ORDER: Readonly<Record<string, string>> = { gt: '>', ge: '>=', lt: '<', le: '<=' }

/**
 * A SCIM filter as a part of a `where`, its values apart.
 * @throws FilterRefusedError
 * @see RFC 7644 section 3.4.2.2
 */
export function conditionOf(filter: Filter | undefined, attributes: Columns): Condition {
  if (filter === undefined) return { sql: 'true', values: [] }
  const values: unknown[] = []
  // $1 is the directory.
  const value = (each: unknown): string => `$${values.push(each) + 1}`
  return { sql: compile(filter, attributes, value), values }
}

function compile(filter: Filter, columns: Columns, value: (each: unknown) => string): string {
  switch (filter.op) {
    case 'and':
    case 'or':
      return `(${filter.filters.map((each) => compile(each, columns, value)).join(` ${filter.op} `)})`
    case 'not':
      return `not coalesce(${compile(filter.filter, columns, value)}, false)`
    case '[]': {
      const column = columns.get(nameOf(filter.attrPath))
      if (column?.kind !== 'list') throw new FilterRefusedError(`${filter.attrPath}[…] can't be filtered by`)
      return column.sql(compile(filter.valFilter, column.entry, value))
    }
    case 'pr':
      return presence(filter.attrPath, columns)
    default:
      return comparison(filter.op, filter.attrPath, filter.compValue, columns, value)
  }
}

function find(path: string, columns: Columns): { column: Column; inner?: Column } {
  const name = nameOf(path)
  const column = columns.get(name)
  if (column) return { column, ...(column.kind === 'list' ? { inner: column.entry.get('value')! } : {}) }
  const dot = name.lastIndexOf('.')
  const list = columns.get(name.slice(0, Math.max(0, dot)))
  const inner = list?.kind === 'list' ? list.entry.get(name.slice(dot + 1)) : undefined
  if (list && inner) return { column: list, inner }
  throw new FilterRefusedError(`${path.slice(0, 100)} can't be filtered by`)
}

function presence(path: string, columns: Columns): string {
  const { column } = find(path, columns)
  return column.kind === 'list' ? column.sql('true') : `(${column.sql}) is not null`
}

function comparison(
  op: string,
  path: string,
  given: unknown,
  columns: Columns,
  value: (each: unknown) => string,
): string {
  const { column, inner } = find(path, columns)
  if (column.kind === 'list') return column.sql(compareOne(op, path, given, inner!, value))
  return compareOne(op, path, given, column, value)
}

function compareOne(
  op: string,
  path: string,
  given: unknown,
  column: Column,
  value: (each: unknown) => string,
): string {
  switch (column.kind) {
    case 'text':
      return compareText(op, path, given, column, value)
    case 'boolean': {
      const isTrue = typeof given === 'string' ? given.toLowerCase() === 'true' : given
      if (typeof isTrue !== 'boolean' || (op !== 'eq' && op !== 'ne')) break
      return isTrue === (op === 'eq') ? `(${column.sql})` : `not coalesce(${column.sql}, false)`
    }
    case 'time': {
      const time = typeof given === 'string' ? Date.parse(given) : Number.NaN
      const sign = op === 'eq' ? '=' : ORDER[op]
      if (Number.isNaN(time) || sign === undefined) break
      // What clients read has milliseconds.
      return `date_trunc('milliseconds', ${column.sql}) ${sign} ${value(new Date(time).toISOString())}::timestamptz`
    }
    case 'list':
  }
  throw new FilterRefusedError(`${path.slice(0, 100)} ${op} can't be compared with that`)
}

function compareText(
  op: string,
  path: string,
  given: unknown,
  { sql, exact }: Extract<Column, { kind: 'text' }>,
  value: (each: unknown) => string,
): string {
  if (typeof given !== 'string' || given.includes('\0') || !given.isWellFormed()) {
    throw new FilterRefusedError(`${path.slice(0, 100)} must be compared with a text`)
  }
  const column = exact ? `(${sql})` : `lower(${sql})`
  const compared = exact ? value(given) : `lower(${value(given)}::text)`
  switch (op) {
    case 'eq':
      return `${column} = ${compared}`
    case 'ne':
      return `${column} is distinct from ${compared}`
    case 'co':
      return `position(${compared} in ${column}) > 0`
    case 'sw':
      return `starts_with(${column}, ${compared})`
    case 'ew':
      return `right(${column}, length(${compared})) = ${compared}`
    default:
      throw new FilterRefusedError(`${op} can't be used with ${path.slice(0, 100)}`)
  }
}

/** Without the name of the schema, in lower case. */
function nameOf(path: string): string {
  return path.slice(path.lastIndexOf(':') + 1).toLowerCase()
}

/** Bounds what one filter may cost. @throws FilterRefusedError */
export function checkSize(filter: Filter): void {
  let comparisons = 0
  const visit = (each: Filter): void => {
    if (++comparisons > MAX_COMPARISONS) throw new FilterRefusedError('it has too many comparisons')
    if (each.op === 'and' || each.op === 'or') each.filters.forEach(visit)
    else if (each.op === 'not') visit(each.filter)
    else if (each.op === '[]') visit(each.valFilter)
  }
  visit(filter)
}
