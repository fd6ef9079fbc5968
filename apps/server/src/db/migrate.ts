import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { clientConfigOf, type DatabaseConnection } from './database-connection.ts'
import type { DatabaseLogger } from './database-logger.ts'
import type { Sql } from './database.ts'
import { openClient, runQuery } from './open-client.ts'

const OWN_MIGRATIONS = new URL('./migrations/', import.meta.url)
/** An arbitrary number that is SkyCrate's: what all processes that migrate one database agree on. */
export const MIGRATION_LOCK = 7_205_759_403
/** Milliseconds. */
const LOCK_PAUSE = 200

export interface Migration {
  /** The file's name without `.sql`; migrations are applied in its order. */
  readonly name: string
  readonly sql: string
  /** SHA-256 of the text, line ends aside, in hex. */
  readonly checksum: string
}

export interface MigrateOptions {
  readonly connection: DatabaseConnection
  readonly logger: DatabaseLogger
  readonly migrations?: readonly Migration[]
  /** Milliseconds that another process may take to migrate; ten minutes when absent. */
  readonly patience?: number
}

/** The database and this program do not fit; the message says why in one line. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError'
}

export async function readMigrations(directory: URL = OWN_MIGRATIONS): Promise<Migration[]> {
  const files = (await readdir(directory)).filter((file) => file.endsWith('.sql')).toSorted()
  return Promise.all(
    files.map(async (file) => {
      const sql = (await readFile(new URL(file, directory), 'utf8')).replaceAll('\r\n', '\n')
      return { name: file.slice(0, -'.sql'.length), sql, checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

/**
 * Brings the schema up to this program's, each migration in a transaction of its own. Any number of processes may call it
 * at once: one works, the others wait.
 * @returns the names of those applied now
 * @throws AppError `database-unavailable`
 * @throws MigrationError when the database holds a migration that is not this program's, or one that was changed since
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const { connection, logger, patience = 600_000 } = options
  const migrations = options.migrations ?? (await readMigrations())
  // No time-outs: rewriting a large table takes longer than any request may.
  const client = await openClient({
    ...clientConfigOf(connection),
    application_name: 'skycrate migrate',
    keepAlive: true,
  })
  try {
    const sql: Sql = { query: (...arguments_) => runQuery(client, ...arguments_) }
    await lock(sql, logger, patience)
    await sql.query(`create table if not exists schema_migrations (
      name text primary key, checksum text not null, applied_at timestamptz not null default now())`)
    const applied = await readApplied(sql)
    const missing = missingMigrations(migrations, applied)
    for (const migration of missing) {
      await apply(sql, migration)
      if (applied.length > 0) logger.info({ migration: migration.name }, 'applied a migration')
    }
    if (applied.length === 0) logger.info({ migrations: missing.length }, 'set up the database')
    return missing.map(({ name }) => name)
  } finally {
    await client.end()
  }
}

/**
 * For a process that uses the database without bringing it up to date.
 * @throws AppError `database-unavailable`
 * @throws MigrationError when the schema is not this program's
 */
export async function requireMigrated(connection: DatabaseConnection): Promise<void> {
  const client = await openClient({ ...clientConfigOf(connection), application_name: 'skycrate' })
  try {
    const sql: Sql = { query: (...arguments_) => runQuery(client, ...arguments_) }
    const [table] = await sql.query<{ found: boolean }>(`select to_regclass('schema_migrations') is not null as found`)
    if (!table?.found) throw new MigrationError('the database is empty: start SkyCrate once, so that it is set up')
    const missing = missingMigrations(await readMigrations(), await readApplied(sql))
    if (missing.length > 0) {
      throw new MigrationError('the database is that of an older version: start SkyCrate once, so that it is upgraded')
    }
  } finally {
    await client.end()
  }
}

const readApplied = (sql: Sql): Promise<Pick<Migration, 'name' | 'checksum'>[]> =>
  sql.query('select name, checksum from schema_migrations order by name collate "C"')

/** Held until the connection ends. Asked for again and again, since waiting in PostgreSQL would run into a time-out. */
async function lock(sql: Sql, logger: DatabaseLogger, patience: number): Promise<void> {
  const deadline = performance.now() + patience
  for (let attempt = 0; ; attempt += 1) {
    const [row] = await sql.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [MIGRATION_LOCK])
    if (row?.locked) return
    if (performance.now() >= deadline) throw new MigrationError('another process has been migrating for too long')
    if (attempt === 0) logger.info('waiting for another process that is migrating the database')
    await sleep(LOCK_PAUSE)
  }
}

function missingMigrations(
  migrations: readonly Migration[],
  applied: readonly Pick<Migration, 'name' | 'checksum'>[],
): Migration[] {
  const known = new Map(migrations.map((migration) => [migration.name, migration]))
  for (const { name, checksum } of applied) {
    const migration = known.get(name)
    if (!migration) {
      throw new MigrationError(
        `the database has migration ${name}, which this version does not know: start the newer version that made it`,
      )
    }
    if (migration.checksum !== checksum) {
      throw new MigrationError(
        `migration ${name} was changed after it had been applied: restore its file and add a new one instead`,
      )
    }
  }
  const done = new Set(applied.map(({ name }) => name))
  const missing = migrations.filter(({ name }) => !done.has(name))
  const last = applied.at(-1)?.name
  const late = missing.find(({ name }) => last !== undefined && name < last)
  if (late) throw new MigrationError(`migration ${late.name} comes before ${last}, which is applied already: rename it`)
  return missing
}

async function apply(sql: Sql, migration: Migration): Promise<void> {
  const { name, checksum } = migration
  await sql.query('begin')
  try {
    await sql.query(migration.sql)
    await sql.query('insert into schema_migrations (name, checksum) values ($1, $2)', [name, checksum])
    await sql.query('commit')
  } catch (error) {
    await sql.query('rollback').catch(() => {})
    throw new MigrationError(`migration ${name} failed: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}
