import { type Client, escapeIdentifier } from 'pg'
import { clientConfigOf, type DatabaseConnection } from './database-connection.ts'
import type { DatabaseLogger } from './database-logger.ts'
import { migrate, requireMigrated } from './migrate.ts'
import { openClient, runQuery } from './open-client.ts'
import { renameBucket, type RenamedBucket } from './rename-bucket.ts'

/** Rows that are held in memory at once. */
const BATCH = 2000

/** What the target writes itself: its migrations, and the processes that are alive at the source. */
const LEFT_OUT = ['schema_migrations', 'live_processes']

export interface CopiedTable {
  readonly name: string
  readonly rows: number
}

export interface CopyDatabaseOptions {
  readonly source: DatabaseConnection
  readonly target: DatabaseConnection
  readonly logger: DatabaseLogger
  /** Buckets that have other names at the store of the target. */
  readonly renamed?: readonly RenamedBucket[]
}

/** The databases are not as they have to be; the message says what to do. */
export class CopyDatabaseError extends Error {
  override readonly name = 'CopyDatabaseError'
}

/**
 * Copies everything of a SkyCrate into another PostgreSQL, of any version that SkyCrate takes: in one transaction, so that
 * the target has all or nothing. The source is only read.
 * @throws CopyDatabaseError if a SkyCrate uses either of them, or the target has users
 * @throws MigrationError if the source is that of another version
 */
export async function copyDatabase({
  source,
  target,
  logger,
  renamed = [],
}: CopyDatabaseOptions): Promise<CopiedTable[]> {
  await using from = await held(source, 'This database')
  await requireMigrated(source)
  await using to = await held(target, 'The other database')
  await requireUnused(from.client, 'this database')
  await requireUnused(to.client, 'the other database')
  await requireNothingOfOthers(from.client, to.client)
  await migrate({ connection: target, logger })

  await runQuery(from.client, 'begin isolation level repeatable read read only')
  await runQuery(to.client, 'begin')
  const finish = await prepare(from.client, to.client)
  const copied: CopiedTable[] = []
  for (const table of await tablesOf(to.client)) {
    copied.push({ name: table, rows: await copyTable(from.client, to.client, table) })
  }
  await copySequences(from.client, to.client)
  for (const bucket of renamed) {
    const there = await runQuery(to.client, 'select 1 from buckets where name = $1', [bucket.to])
    if (there.length > 0) throw new CopyDatabaseError(`There is a bucket ${bucket.to} already.`)
    if (!(await renameBucket(to.client, bucket))) throw new CopyDatabaseError(`There is no bucket ${bucket.from}.`)
  }
  await finish()
  await runQuery(to.client, 'commit')
  await runQuery(to.client, 'analyze')
  return copied
}

async function held(
  connection: DatabaseConnection,
  which: string,
): Promise<AsyncDisposable & { readonly client: Client }> {
  const config = { ...clientConfigOf(connection), application_name: 'skycrate copy' }
  const client = await openClient(config).catch((error: Error) => {
    const reason = error.cause instanceof Error ? error.cause.message : error.message
    throw new CopyDatabaseError(`${which} can't be used: ${reason}`, { cause: error })
  })
  return { client, [Symbol.asyncDispose]: () => client.end() }
}

async function requireUnused(client: Client, which: string): Promise<void> {
  const users = await runQuery(
    client,
    `select 1 from pg_stat_activity where datname = current_database() and application_name in ('skycrate', 'skycrate migrate')`,
  )
  if (users.length > 0) throw new CopyDatabaseError(`A SkyCrate uses ${which}: stop it first.`)
}

/** Every table of the target is emptied, so each must be SkyCrate's, and of no SkyCrate that somebody uses. */
async function requireNothingOfOthers(from: Client, to: Client): Promise<void> {
  const own = new Set(await tablesOf(from))
  const others = (await tablesOf(to)).filter((table) => !own.has(table) && !table.startsWith('audit_events_'))
  if (others.length > 0) {
    throw new CopyDatabaseError(
      `The other database has tables that are not SkyCrate's, such as ${others[0]}: create an empty one.`,
    )
  }
  const [table] = await runQuery<{ there: boolean }>(to, `select to_regclass('users') is not null as there`)
  if (table?.there !== true) return
  if ((await runQuery(to, 'select 1 from users limit 1')).length === 0) return
  throw new CopyDatabaseError('The other database has users already: create an empty one.')
}

/**
 * Takes away what would judge or answer each row: foreign keys, which are checked as a whole afterwards, and triggers, which
 * tell processes of changes. The partitions become those of the source.
 * @returns what puts everything back
 */
async function prepare(from: Client, to: Client): Promise<() => Promise<void>> {
  const keys = await runQuery<{ table: string; name: string; definition: string }>(
    to,
    `select conrelid::regclass::text as table, conname as name, pg_get_constraintdef(oid) as definition from pg_constraint
     where contype = 'f' and conparentid = 0 and connamespace = current_schema()::regnamespace`,
  )
  for (const { table, name } of keys) {
    await runQuery(to, `alter table ${table} drop constraint ${escapeIdentifier(name)}`)
  }
  await runQuery(to, `truncate ${(await tablesOf(to)).map((table) => escapeIdentifier(table)).join(', ')}`)
  await copyPartitions(from, to)
  const tables = await tablesOf(to)
  for (const table of tables) await runQuery(to, `alter table ${escapeIdentifier(table)} disable trigger user`)
  return async () => {
    for (const table of tables) await runQuery(to, `alter table ${escapeIdentifier(table)} enable trigger user`)
    for (const { table, name, definition } of keys) {
      await runQuery(to, `alter table ${table} add constraint ${escapeIdentifier(name)} ${definition}`)
    }
  }
}

interface Partition {
  readonly parent: string
  readonly name: string
  readonly bound: string
}

const partitionsOf = (client: Client): Promise<Partition[]> =>
  runQuery(
    client,
    `select p.relname as parent, c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bound
     from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
     where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace order by c.relname`,
  )

async function copyPartitions(from: Client, to: Client): Promise<void> {
  for (const { name } of await partitionsOf(to)) await runQuery(to, `drop table ${escapeIdentifier(name)}`)
  for (const { parent, name, bound } of await partitionsOf(from)) {
    await runQuery(to, `create table ${escapeIdentifier(name)} partition of ${escapeIdentifier(parent)} ${bound}`)
  }
}

/** Those that hold rows: of a partitioned table, its partitions. */
async function tablesOf(client: Client): Promise<string[]> {
  const rows = await runQuery<{ name: string }>(
    client,
    `select relname as name from pg_class
     where relkind = 'r' and relnamespace = current_schema()::regnamespace and relname <> all ($1) order by relname`,
    [LEFT_OUT],
  )
  return rows.map(({ name }) => name)
}

/** Each value goes as PostgreSQL writes it, so that none passes through a type of JavaScript. */
async function copyTable(from: Client, to: Client, table: string): Promise<number> {
  const columns = await runQuery<{ name: string; type: string }>(
    to,
    `select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
     where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = '' order by attnum`,
    [escapeIdentifier(table)],
  )
  const names = columns.map(({ name }) => escapeIdentifier(name))
  const given = columns.map((_column, at) => `$${at + 1}::text[]`)
  const insertion = `insert into ${escapeIdentifier(table)} (${names.join(', ')}) overriding system value
    select ${columns.map(({ name, type }) => `${escapeIdentifier(name)}::${type}`).join(', ')}
    from unnest(${given.join(', ')}) as row (${names.join(', ')})`
  await runQuery(
    from,
    `declare copied no scroll cursor for select ${names.map((name) => `${name}::text as ${name}`).join(', ')}
     from ${escapeIdentifier(table)}`,
  )
  let count = 0
  for (;;) {
    const rows = await runQuery<Record<string, string | null>>(from, `fetch ${BATCH} from copied`)
    if (rows.length === 0) break
    await runQuery(
      to,
      insertion,
      columns.map(({ name }) => rows.map((row) => row[name])),
    )
    count += rows.length
  }
  await runQuery(from, 'close copied')
  const [there] = await runQuery<{ count: string }>(to, `select count(*)::text from ${escapeIdentifier(table)}`)
  if (there?.count !== String(count)) throw new Error(`${table} has ${there?.count} rows after ${count} were copied`)
  return count
}

async function copySequences(from: Client, to: Client): Promise<void> {
  const sequences = await runQuery<{ name: string; last: string | null }>(
    from,
    `select sequencename as name, last_value::text as last from pg_sequences where schemaname = current_schema()`,
  )
  for (const { name, last } of sequences) {
    if (last !== null) await runQuery(to, 'select setval($1::regclass, $2)', [escapeIdentifier(name), last])
  }
}
