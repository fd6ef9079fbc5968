import { randomBytes } from 'node:crypto'
import type { ImportReport } from '@skycrate/contract/permissions/schemas'
import type { NewPermission } from '@skycrate/core/access/levels'
import { createId, isId, type PermissionId, type UserId } from '@skycrate/core/naming/id'
import type { StoreId } from '@skycrate/core/naming/store'
import type { AuditLog } from '../audit/audit-event.ts'
import type { Database, Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import type { BucketAdmin } from '../stores/bucket-admin.ts'
import { bucketProblem, checkPermission } from './check-permission.ts'
import { type Column, type CsvPermission, type LineMistake, readPermissionCsv } from './permission-csv.ts'
import { flagsOf, NAMED_COLUMNS, NAMED_PERMISSIONS, type NamedRow, principalText } from './permission-rows.ts'
import { type Author, changeEvent, changeRecorded, importEvent } from './record-change.ts'

/** Permissions in one file at most. */
const MAX_LINES = 100_000
/** Buckets in one file at most: the store is asked for each. */
const MAX_BUCKETS = 1000
/** Buckets that the store is asked for at once. */
const ASKED_AT_ONCE = 8
/** Rows that one statement writes. */
const ROWS_AT_ONCE = 10_000
/** Events that wait for the log at once: fewer than it takes, so that other requests keep their place. */
const EVENTS_AT_ONCE = 1000

/** A line whose principal is known. */
interface Line {
  readonly line: number
  readonly permission: NewPermission
}

export interface ImportOptions {
  readonly database: Database
  readonly audit: AuditLog
  readonly now: () => number
  readonly storeOf: (id: StoreId) => BucketAdmin
  readonly guestWrites: boolean
}

/**
 * Creates the permissions of a CSV file in one transaction, or none of them. What is there already stays as it is.
 * @throws AppError `invalid-request` that names every mistake of the file, unless it is a dry run;
 * `store-unavailable`, `database-unavailable`, `audit-unavailable`
 */
export async function importPermissions(
  options: ImportOptions,
  bytes: Uint8Array,
  dryRun: boolean,
  by: Author,
): Promise<ImportReport> {
  const { database } = options
  const { permissions, mistakes: malformed, lines } = readPermissionCsv(bytes, MAX_LINES)
  const mistakes: LineMistake[] = [...malformed]
  const known = await withPrincipals(database, permissions, mistakes)
  const rules = { guestWrites: options.guestWrites, now: options.now() }
  for (const { line, permission } of known) {
    for (const { path, message } of checkPermission(permission, rules)) {
      mistakes.push({ line, column: path.slice(1) as Column, message })
    }
  }
  mistakes.push(...(await missingBuckets(options.storeOf, known)))
  mistakes.sort((a, b) => a.line - b.line)
  if (mistakes.length > 0) {
    if (dryRun) return { dryRun, lines, created: 0, unchanged: 0, mistakes }
    throw new AppError('invalid-request', 'Nothing was imported. Each mistake is named under errors.', {
      errors: mistakes.map(({ line, column, message }) => ({
        path: column === null ? `/lines/${line}` : `/lines/${line}/${column}`,
        message,
      })),
    })
  }
  const created = dryRun
    ? await countNew(database, known)
    : await changeRecorded(options, async (tx, record) => {
        const rows = await insertAll(tx, known, options.now())
        await record(importEvent({ created: rows.length, unchanged: lines - rows.length }, by))
        for (let i = 0; i < rows.length; i += EVENTS_AT_ONCE) {
          const batch = rows.slice(i, i + EVENTS_AT_ONCE)
          await Promise.all(batch.map((row) => record(changeEvent('permission.create', { after: row }, by))))
        }
        return rows.length
      })
  return { dryRun, lines, created, unchanged: lines - created, mistakes: [] }
}

/** Looks up users by their ids, and by their e-mail addresses where these are verified and one person's alone. */
async function withPrincipals(
  sql: Sql,
  permissions: readonly CsvPermission[],
  mistakes: LineMistake[],
): Promise<Line[]> {
  const named = permissions.filter(({ kind }) => kind === 'user').map(({ principal }) => principal)
  const isAddress = (name: string): boolean => name.includes('@')
  const [byId, byEmail] = await Promise.all([
    sql.query<{ id: UserId }>(
      `select id from users where id = any($1::text[]) and state not in ('deleting', 'deleted')`,
      [[...new Set(named.filter((name) => !isAddress(name)))]],
    ),
    sql.query<{ id: UserId; email: string }>(
      `select id, lower(email collate "C") as email from users
       where email_verified and lower(email collate "C") = any($1::text[]) and state not in ('deleting', 'deleted')`,
      [[...new Set(named.filter(isAddress).map(folded))]],
    ),
  ])
  const ids = new Set<string>(byId.map(({ id }) => id))
  const addresses = Map.groupBy(byEmail, ({ email }) => email)
  const lines: Line[] = []
  for (const { line, kind, principal: name, issuer, rest } of permissions) {
    const wrong = (message: string): void => void mistakes.push({ line, column: 'principal', message })
    if (kind === 'everyone' || kind === 'guest') lines.push({ line, permission: { ...rest, principal: { kind } } })
    else if (kind === 'group') {
      if (name.length > 256) wrong('is longer than 256 characters')
      else lines.push({ line, permission: { ...rest, principal: { kind, group: name, issuer } } })
    } else if (!isAddress(name)) {
      if (isId('usr', name) && ids.has(name)) {
        lines.push({ line, permission: { ...rest, principal: { kind, userId: name } } })
      } else wrong('is no user of SkyCrate')
    } else {
      const found = addresses.get(folded(name)) ?? []
      if (found.length === 0) wrong("is no user's verified e-mail address")
      else if (found.length > 1) wrong('is the address of several users; use the id')
      else lines.push({ line, permission: { ...rest, principal: { kind, userId: found[0]!.id } } })
    }
  }
  return lines
}

const folded = (email: string): string => email.replace(/[A-Z]/g, (char) => char.toLowerCase())

async function missingBuckets(storeOf: ImportOptions['storeOf'], lines: readonly Line[]): Promise<LineMistake[]> {
  const places = Map.groupBy(lines, ({ permission }) => JSON.stringify([permission.store, permission.bucket]))
  const mistakes: LineMistake[] = []
  if (places.size > MAX_BUCKETS) {
    const line = [...places.values()][MAX_BUCKETS]![0]!.line
    return [{ line, column: 'bucket', message: `is one too many: a file names at most ${MAX_BUCKETS} buckets` }]
  }
  const waiting = [...places.values()]
  const work = async (): Promise<void> => {
    for (let there = waiting.shift(); there; there = waiting.shift()) {
      const { store, bucket } = there[0]!.permission
      const told = await whyNot(storeOf, store, bucket)
      if (told) mistakes.push(...there.map(({ line }) => ({ line, ...told })))
    }
  }
  await Promise.all(Array.from({ length: ASKED_AT_ONCE }, work))
  return mistakes
}

async function whyNot(
  storeOf: ImportOptions['storeOf'],
  store: StoreId,
  bucket: string,
): Promise<{ column: Column; message: string } | undefined> {
  let admin: BucketAdmin
  try {
    admin = storeOf(store)
  } catch {
    return { column: 'store', message: 'is not a known store' }
  }
  try {
    const problem = await bucketProblem(admin, bucket)
    return problem && { column: 'bucket', message: problem.code === 'bucket-missing' ? 'does not exist' : refused }
  } catch (error) {
    if (error instanceof AppError && error.code === 'store-refused') return { column: 'bucket', message: refused }
    throw error
  }
}

const refused = 'is refused to SkyCrate by the store'

const COLUMN_TYPES = [
  ['principal_kind', 'text'],
  ['principal', 'text'],
  ['principal_issuer', 'text'],
  ['store', 'text'],
  ['bucket', 'text'],
  ['prefix', 'text'],
  ['can_read', 'boolean'],
  ['can_write', 'boolean'],
  ['can_delete', 'boolean'],
  ['can_list', 'boolean'],
  ['expires_at', 'timestamptz'],
] as const

const NAMES = COLUMN_TYPES.map(([name]) => name).join(', ')

/** Values of all lines, column by column, in the order of `COLUMN_TYPES`. */
function columnsOf(lines: readonly Line[]): unknown[][] {
  const columns: unknown[][] = COLUMN_TYPES.map(() => [])
  for (const { permission } of lines) {
    const { principal, store, bucket, prefix, actions, expiresAt } = permission
    const values = [
      principal.kind,
      principalText(principal),
      principal.kind === 'group' ? principal.issuer : null,
      store,
      bucket,
      prefix,
      ...flagsOf(actions),
      expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
    ]
    values.forEach((value, i) => columns[i]!.push(value))
  }
  return columns
}

const given = (from: number): string => COLUMN_TYPES.map(([, type], i) => `$${from + i}::${type}[]`).join(', ')

/** In several statements, since each has its time limit. */
async function insertAll(tx: Sql, lines: readonly Line[], now: number): Promise<NamedRow[]> {
  const rows: NamedRow[] = []
  for (const part of partsOf(lines)) {
    const ids: PermissionId[] = part.map(() => createId('prm', now, randomBytes(10)))
    const inserted = await tx.query<{ id: string }>(
      `insert into permissions (id, description, ${NAMES})
       select * from unnest($1::text[], $2::text[], ${given(3)}) on conflict do nothing returning id`,
      [ids, part.map(({ permission }) => permission.description), ...columnsOf(part)],
    )
    rows.push(
      ...(await tx.query<NamedRow>(
        `select ${NAMED_COLUMNS} from ${NAMED_PERMISSIONS} where p.id = any($1::text[]) order by p.id`,
        [inserted.map(({ id }) => id)],
      )),
    )
  }
  return rows
}

/** How many permissions an import would create: lines that say the same count once. */
async function countNew(sql: Sql, lines: readonly Line[]): Promise<number> {
  const distinct = new Map(lines.map((line) => [JSON.stringify({ ...line.permission, description: '' }), line]))
  let count = 0
  for (const part of partsOf([...distinct.values()])) {
    const [row] = await sql.query<{ count: number }>(
      `select count(*)::int as count from unnest(${given(1)}) as wanted (${NAMES})
       where not exists (
         select 1 from permissions p where p.store = wanted.store and p.bucket = wanted.bucket
           and p.principal_kind = wanted.principal_kind and md5(p.principal) = md5(wanted.principal)
           and md5(p.principal_issuer) is not distinct from md5(wanted.principal_issuer)
           and md5(p.prefix) = md5(wanted.prefix) and p.can_read = wanted.can_read and p.can_write = wanted.can_write
           and p.can_delete = wanted.can_delete and p.can_list = wanted.can_list
           and p.expires_at is not distinct from wanted.expires_at)`,
      columnsOf(part),
    )
    count += row?.count ?? 0
  }
  return count
}

function partsOf(lines: readonly Line[]): Line[][] {
  return Array.from({ length: Math.ceil(lines.length / ROWS_AT_ONCE) }, (_, i) =>
    lines.slice(i * ROWS_AT_ONCE, (i + 1) * ROWS_AT_ONCE),
  )
}
