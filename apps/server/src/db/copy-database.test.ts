import assert from 'node:assert/strict'
import { test } from 'node:test'
import { copyDatabase, CopyDatabaseError } from './copy-database.ts'
import { clientConfigOf, type DatabaseConnection } from './database-connection.ts'
import type { DatabaseLogger } from './database-logger.ts'
import { openClient, runQuery } from './open-client.ts'
import { testDatabase } from './test-database.ts'

const logger: DatabaseLogger = { debug() {}, info() {}, warn() {}, error() {} }

/** As a reader of PostgreSQL sees it: every table with its rows as text, and the values that follow. */
async function contentsOf(connection: DatabaseConnection): Promise<object> {
  const client = await openClient({ ...clientConfigOf(connection), application_name: 'test' })
  try {
    const tables = await runQuery<{ name: string }>(
      client,
      `select relname as name from pg_class where relkind in ('r', 'p') and relnamespace = current_schema()::regnamespace
       and relname <> 'schema_migrations' order by 1`,
    )
    const contents: Record<string, unknown> = {}
    for (const { name } of tables) contents[name] = await runQuery(client, `select t::text from ${name} t order by 1`)
    const keys = await runQuery(
      client,
      `select conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated from pg_constraint
       where contype in ('f', 'c', 'p', 'u') and connamespace = current_schema()::regnamespace order by 1, 2`,
    )
    const triggers = await runQuery(
      client,
      `select tgrelid::regclass::text, tgname, tgenabled from pg_trigger where not tgisinternal order by 1, 2`,
    )
    const indexes = await runQuery(
      client,
      `select indexdef from pg_indexes where schemaname = current_schema() order by 1`,
    )
    const sequences = await runQuery(client, 'select sequencename, last_value from pg_sequences order by 1')
    return { contents, keys, triggers, indexes, sequences }
  } finally {
    await client.end()
  }
}

/** Rows with what text, arrays, JSON, bytes and times can hold. */
async function fill(connection: DatabaseConnection): Promise<void> {
  const client = await openClient(clientConfigOf(connection))
  try {
    await runQuery(
      client,
      `insert into users (id, name, state) select 'usr_' || lpad(n::text, 26, '0'), 'A "quoted", \\ {name} NULL ' || n, 'active'
       from generate_series(1, 4500) n`,
    )
    await runQuery(client, `insert into groups (id, name) values ('grp_00000000000000000000000001', 'editors')`)
    await runQuery(
      client,
      `insert into group_members (group_id, user_id, from_claims)
       select 'grp_00000000000000000000000001', id, false from users limit 3`,
    )
    await runQuery(
      client,
      `insert into permissions (id, principal_kind, principal, store, bucket, prefix, can_read, can_write, can_delete, can_list, expires_at)
       values ('prm_00000000000000000000000001', 'group', 'grp_00000000000000000000000001', 'default', 'reports', 'a/',
         true, false, false, true, '2030-01-01 00:00:00.123456+00')`,
    )
    await runQuery(client, `insert into facts (name, value) values ('copied', '{"a": null, "b": ["\\\\", 1.50]}')`)
    await runQuery(client, `insert into audit_names (kind, name) values ('bucket', 'reports'), ('bucket', 'photos')`)
    await runQuery(
      client,
      `create table audit_events_2040_01 partition of audit_events
       for values from ('evt_01z00000000000000000000000') to ('evt_01z10000000000000000000000')`,
    )
    await runQuery(
      client,
      `insert into audit_events (id, at, action, outcome, detail, request_id)
       select 'evt_' || id, now(), 'object.get', 'allow', '{"n": 1}', 'req_1'
       from unnest(array['00000000000000000000000001', '01m8nqhezb0000ta2t1t09zthj', '01z00000000000000000000001']) id`,
    )
  } finally {
    await client.end()
  }
}

test('a copy has every row, key, trigger, index and sequence of its original', async () => {
  await using source = await testDatabase()
  await using target = await testDatabase()
  await fill(source.connection)
  const before = await contentsOf(source.connection)
  const copied = await copyDatabase({ source: source.connection, target: target.connection, logger })
  assert.equal(copied.find(({ name }) => name === 'users')?.rows, 4500)
  assert.deepEqual(await contentsOf(target.connection), before)
  assert.deepEqual(await contentsOf(source.connection), before)
})

test('nothing is copied over the users of another SkyCrate', async () => {
  await using source = await testDatabase()
  await using target = await testDatabase()
  await fill(target.connection)
  const before = await contentsOf(target.connection)
  await assert.rejects(
    copyDatabase({ source: source.connection, target: target.connection, logger }),
    (error: unknown) => error instanceof CopyDatabaseError && /has users already/.test(error.message),
  )
  assert.deepEqual(await contentsOf(target.connection), before)
})

test('a database that a SkyCrate uses is not copied', async () => {
  await using source = await testDatabase()
  await using target = await testDatabase()
  await source.query('select 1')
  await assert.rejects(
    copyDatabase({ source: source.connection, target: target.connection, logger }),
    /A SkyCrate uses this database: stop it first/,
  )
})
