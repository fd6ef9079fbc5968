import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { pathToFileURL } from 'node:url'
import { migrate, MIGRATION_LOCK, MigrationError, readMigrations, type Migration } from './migrate.ts'
import { testDatabase } from './test-database.ts'

const logger = { debug() {}, info() {}, warn() {}, error() {} }

function migration(name: string, sql: string): Migration {
  return { name, sql, checksum: `checksum of ${sql}` }
}

/** What `testDatabase` has applied already comes first. */
async function after(...more: Migration[]): Promise<Migration[]> {
  return [...(await readMigrations()), ...more]
}

test('migrations are read in the order of their names, and line ends do not change a checksum', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'skycrate-migrations-'))
  try {
    await writeFile(join(directory, '0002_b.sql'), 'select 2;\r\nselect 3;\r\n')
    await writeFile(join(directory, '0001_a.sql'), 'select 1;\n')
    await writeFile(join(directory, 'README.md'), 'not one')
    const [first, second] = await readMigrations(pathToFileURL(`${directory}/`))
    assert.equal(first?.name, '0001_a')
    assert.equal(second?.name, '0002_b')
    await writeFile(join(directory, '0002_b.sql'), 'select 2;\nselect 3;\n')
    assert.equal((await readMigrations(pathToFileURL(`${directory}/`)))[1]?.checksum, second?.checksum)
  } finally {
    await rm(directory, { recursive: true })
  }
})

test('each migration is applied once, also by many processes at once', async () => {
  await using database = await testDatabase()
  const migrations = await after(
    migration('0901_counter', 'create table counter (n int not null); insert into counter values (0)'),
    migration('0902_count', 'update counter set n = n + 1; select pg_sleep(0.05)'),
  )
  const results = await Promise.all(
    Array.from({ length: 5 }, () => migrate({ connection: database.connection, logger, migrations })),
  )
  assert.deepEqual(results.flat(), ['0901_counter', '0902_count'])
  assert.deepEqual(await database.query('select n from counter'), [{ n: 1 }])
  assert.deepEqual(await migrate({ connection: database.connection, logger, migrations }), [])
})

test('a migration that fails leaves nothing of itself, and those before it stay', async () => {
  await using database = await testDatabase()
  const good = migration('0901_good', 'create table good (n int)')
  const bad = migration('0902_bad', 'create table bad (n int); select 1 / 0')
  await assert.rejects(
    migrate({ connection: database.connection, logger, migrations: await after(good, bad) }),
    (error) => error instanceof MigrationError && /0902_bad.*division by zero/.test(error.message),
  )
  const tables = await database.query(`select tablename from pg_tables where tablename in ('good', 'bad')`)
  assert.deepEqual(tables, [{ tablename: 'good' }])
  const mended = migration('0902_bad', 'create table bad (n int)')
  assert.deepEqual(await migrate({ connection: database.connection, logger, migrations: await after(good, mended) }), [
    '0902_bad',
  ])
})

const refused: readonly (readonly [string, (own: Migration[]) => Migration[], RegExp])[] = [
  [
    'one that was changed after it had been applied',
    ([first, ...rest]) => [{ ...(first as Migration), checksum: 'another' }, ...rest],
    /0001_init was changed after/,
  ],
  ['one that only a newer version knows', () => [], /has migration 0001_init, which this version does not know/],
  [
    'one that comes before what was applied',
    (own) => [migration('0000_late', 'create table late ()'), ...own],
    /0000_late comes before/,
  ],
]

for (const [what, change, message] of refused) {
  test(`${what} stops the start with a clear message and changes nothing`, async () => {
    await using database = await testDatabase()
    const migrations = change(await readMigrations())
    await assert.rejects(
      migrate({ connection: database.connection, logger, migrations }),
      (error) => error instanceof MigrationError && message.test(error.message) && !error.message.includes('\n'),
    )
    assert.deepEqual(await database.query(`select 1 from pg_tables where tablename = 'late'`), [])
  })
}

test('a migration that another process does not finish in time is an error', async () => {
  await using database = await testDatabase()
  const said: unknown[] = []
  await database.session(async (connection) => {
    await connection.query('select pg_advisory_lock($1)', [MIGRATION_LOCK])
    await assert.rejects(
      migrate({
        connection: database.connection,
        logger: { ...logger, info: (...line: unknown[]) => said.push(line.at(-1)) },
        patience: 100,
      }),
      /another process has been migrating/,
    )
  })
  assert.deepEqual(said, ['waiting for another process that is migrating the database'])
  assert.deepEqual(await migrate({ connection: database.connection, logger }), [])
})
