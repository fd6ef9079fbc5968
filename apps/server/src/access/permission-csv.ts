import type { NewPermission } from '@skycrate/core/access/levels'
import { ACTIONS, type Action, actionSet, actionsOf } from '@skycrate/core/access/operation'
import { DEFAULT_STORE } from '@skycrate/core/naming/store'
import { type CsvMistake, type CsvRecord, readCsv } from '../csv/read-csv.ts'
import { BOM, csvRecord } from '../csv/write-csv.ts'
import { type NamedRow, toPermission } from './permission-rows.ts'

/** Every column; those from `id` on are for the reader of an export and mean nothing to an import. */
export const COLUMNS = [
  'kind',
  'principal',
  'issuer',
  'store',
  'bucket',
  'prefix',
  'actions',
  'expiresAt',
  'description',
  'id',
  'principalName',
] as const
export type Column = (typeof COLUMNS)[number]

const REQUIRED: readonly Column[] = ['kind', 'bucket', 'prefix', 'actions']

export const csvHeader = (): string => BOM + csvRecord(COLUMNS)

export function csvLine(row: NamedRow): string {
  return csvRecord([
    row.principal_kind,
    row.principal,
    row.principal_issuer ?? '',
    row.store,
    row.bucket,
    row.prefix,
    actionsOf(toPermission(row).actions).join(' '),
    row.expires_at?.toISOString() ?? '',
    row.description,
    row.id,
    row.principal_name,
  ])
}

export interface LineMistake {
  readonly line: number
  readonly column: Column | null
  readonly message: string
}

/** A line as it stands; its principal is not looked up yet. */
export interface CsvPermission {
  readonly line: number
  readonly kind: NewPermission['principal']['kind']
  /** A user's id or verified e-mail address, or a group's name; '' for everyone and guests. */
  readonly principal: string
  readonly issuer: string | null
  readonly rest: Omit<NewPermission, 'principal'>
}

export interface CsvPermissions {
  readonly permissions: readonly CsvPermission[]
  readonly mistakes: readonly LineMistake[]
  /** Lines with a permission, right or wrong. */
  readonly lines: number
}

/**
 * Reads a file of permissions: every line that can be read, and every mistake.
 * @param limit lines at most
 */
export function readPermissionCsv(bytes: Uint8Array, limit: number): CsvPermissions {
  const { records, mistakes: malformed } = readCsv(bytes)
  const [header, ...lines] = records
  const mistakes: LineMistake[] = malformed.map((mistake: CsvMistake) => ({ ...mistake, column: null }))
  const wrong = (line: number, column: Column | null, message: string): void =>
    void mistakes.push({ line, column, message })
  if (!header) {
    if (mistakes.length === 0) wrong(1, null, 'The file is empty.')
    return { permissions: [], mistakes, lines: 0 }
  }
  const columns = header.cells.map((name) => name.trim())
  for (const name of new Set(columns)) {
    if (!isColumn(name)) wrong(header.line, null, `The column "${name.slice(0, 100)}" is not known.`)
    else if (columns.indexOf(name) !== columns.lastIndexOf(name)) wrong(header.line, name, 'The column is there twice.')
  }
  for (const name of REQUIRED) if (!columns.includes(name)) wrong(header.line, name, 'The column is missing.')
  if (lines.length > limit) wrong(lines[limit]!.line, null, `A file has at most ${limit} permissions. Split it.`)
  // With a wrong header every line would be wrong as well.
  if (mistakes.some(({ line }) => line === header.line) || lines.length > limit) {
    return { permissions: [], mistakes, lines: lines.length }
  }
  const permissions: CsvPermission[] = []
  for (const record of lines) {
    const permission = readLine(record, columns as Column[], (column, message) => wrong(record.line, column, message))
    if (permission) permissions.push(permission)
  }
  return { permissions, mistakes, lines: lines.length }
}

function isColumn(name: string): name is Column {
  return COLUMNS.includes(name as Column)
}

function readLine(
  { line, cells }: CsvRecord,
  columns: readonly Column[],
  onMistake: (column: Column | null, message: string) => void,
): CsvPermission | undefined {
  if (cells.length !== columns.length) {
    onMistake(null, `The line has ${cells.length} cells, the header ${columns.length}.`)
    return undefined
  }
  let isRight = true
  const wrong = (column: Column, message: string): void => {
    isRight = false
    onMistake(column, message)
  }
  const cell = (column: Column): string => cells[columns.indexOf(column)] ?? ''
  for (const column of columns) {
    if (/\0/.test(cell(column))) wrong(column, 'has the character U+0000')
    if (cell(column).length > MAX_LENGTH[column]) wrong(column, `is longer than ${MAX_LENGTH[column]} characters`)
  }
  const kind = cell('kind').trim()
  if (!isKind(kind)) wrong('kind', 'must be user, group, everyone or guest')
  const needsPrincipal = kind === 'user' || kind === 'group'
  const principal = kind === 'user' ? cell('principal').trim() : cell('principal')
  if (needsPrincipal && principal === '') {
    wrong('principal', kind === 'user' ? "needs the user's id or e-mail address" : "needs the group's name")
  }
  if (isKind(kind) && !needsPrincipal && principal.trim() !== '') wrong('principal', `must be empty for ${kind}`)
  const issuer = cell('issuer').trim()
  if (issuer !== '' && kind !== 'group') wrong('issuer', 'is only for groups')
  const actions = cell('actions')
    .split(/[\s,;+|]+/)
    .filter((name) => name !== '')
  const unknown = actions.filter((name) => !ACTIONS.includes(name as Action))
  if (actions.length === 0) wrong('actions', `needs some of ${ACTIONS.join(' ')}`)
  if (unknown.length > 0) wrong('actions', `has ${unknown.join(' ').slice(0, 100)}; there are ${ACTIONS.join(' ')}`)
  const end = cell('expiresAt').trim()
  const expiresAt = end === '' ? undefined : instantOf(end)
  if (end !== '' && expiresAt === undefined) {
    wrong('expiresAt', 'must be a time in ISO 8601 with its zone, such as 2027-01-31T18:00:00Z')
  }
  if (!isRight || !isKind(kind)) return undefined
  const rest = {
    store: cell('store').trim() || DEFAULT_STORE,
    bucket: cell('bucket').trim(),
    prefix: cell('prefix'),
    actions: actionSet(actions as Action[]),
    expiresAt,
    description: cell('description'),
  }
  return { line, kind, principal: needsPrincipal ? principal : '', issuer: issuer === '' ? null : issuer, rest }
}

const MAX_LENGTH: Readonly<Record<Column, number>> = {
  kind: 16,
  principal: 320,
  issuer: 512,
  store: 32,
  bucket: 255,
  prefix: 1024,
  actions: 100,
  expiresAt: 64,
  description: 1000,
  id: 64,
  principalName: 1000,
}

function isKind(text: string): text is CsvPermission['kind'] {
  return text === 'user' || text === 'group' || text === 'everyone' || text === 'guest'
}

/** Milliseconds since the epoch. Without a zone a time would mean another one on each machine. */
function instantOf(text: string): number | undefined {
  const shape = /^(\d{4}-\d\d-\d\d)[Tt ]\d\d:[0-5]\d(:[0-5]\d(\.\d+)?)?([zZ]|[+-]\d\d:?\d\d)$/.exec(text)
  if (!shape) return undefined
  const day = new Date(`${shape[1]}T00:00:00Z`)
  const isDay = !Number.isNaN(day.getTime()) && day.toISOString().startsWith(shape[1]!)
  const time = Date.parse(text.replace(' ', 'T'))
  return isDay && !Number.isNaN(time) ? time : undefined
}
