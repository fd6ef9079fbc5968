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

test('a bucket with another name at the new store is renamed wherever it is meant, but not in what was recorded', async () => {
  await using source = await testDatabase()
  await using target = await testDatabase()
  const before = await openClient(clientConfigOf(source.connection))
  const job = (bucket: string) =>
    JSON.stringify({ store: 'default', from: bucket, to: bucket, items: [{ key: `"bucket":"${bucket}"` }] })
  try {
    await runQuery(before, `insert into users (id, name, state) values ('usr_1', 'Ada', 'active')`)
    for (const name of ['my.library', 'my.library2']) {
      await runQuery(
        before,
        `insert into buckets (store, name, kind, state, adopted) values ('default', $1, 'registered', 'ready', true)`,
        [name],
      )
      await runQuery(
        before,
        `insert into permissions (id, principal_kind, principal, store, bucket, prefix, can_read, can_write, can_delete, can_list)
         values ('prm_' || $1, 'user', 'usr_1', 'default', $1, 'a/', true, false, false, true)`,
        [name],
      )
      await runQuery(before, `insert into quotas (kind, subject, max_bytes) values ('bucket', 'default/' || $1, 1)`, [
        name,
      ])
      await runQuery(before, `insert into facts (name, value) values ('library:' || $1 || ':access-levels', '1')`, [
        name,
      ])
      await runQuery(before, `insert into jobs (id, kind, input) values ('job_' || $1, 'objects.move', $2)`, [
        name,
        job(name),
      ])
    }
    await runQuery(
      before,
      `insert into homes (user_id, layout, store, bucket, prefix, region, state)
       values ('usr_1', 'shared-bucket', 'default', 'my.library', 'private/usr_1/', 'x', 'ready')`,
    )
    await runQuery(
      before,
      `insert into access_tokens (id, hash, user_id, name, places, is_admin, expires_at)
       values ('tok_1', 'x', 'usr_1', 't', '[{"bucket": "my.library", "prefix": "my.library"}]', false, now())`,
    )
    await runQuery(
      before,
      `insert into audit_events (id, at, action, outcome, bucket, request_id)
       values ('evt_01m8nqhezb0000ta2t1t09zthj', now(), 'object.get', 'allow', 'my.library', 'req_1')`,
    )
  } finally {
    await before.end()
  }
  const copy = (from: string, to: string) =>
    copyDatabase({ source: source.connection, target: target.connection, logger, renamed: [{ from, to }] })
  await assert.rejects(copy('unknown', 'other'), /There is no bucket unknown/)
  await assert.rejects(copy('my.library', 'my.library2'), /There is a bucket my\.library2 already/)
  await copy('my.library', 'yours')
  const after = await openClient({ ...clientConfigOf(target.connection), application_name: 'test' })
  try {
    const answers = await runQuery<{ answer: string }>(
      after,
      `select 'bucket ' || name as answer from buckets union all select 'permission ' || bucket from permissions
       union all select 'quota ' || subject from quotas union all select name from facts
       union all select 'home ' || bucket || ' ' || prefix from homes
       union all select 'token ' || places::text from access_tokens union all select 'audit ' || bucket from audit_events
       order by 1`,
    )
    assert.deepEqual(
      answers.map(({ answer }) => answer),
      [
        'audit my.library',
        'bucket my.library2',
        'bucket yours',
        'home yours private/usr_1/',
        'library:my.library2:access-levels',
        'library:yours:access-levels',
        'permission my.library2',
        'permission yours',
        'quota default/my.library2',
        'quota default/yours',
        'token [{"bucket": "yours", "prefix": "my.library"}]',
      ],
    )
    const jobs = await runQuery<{ input: { from: string; to: string; items: { key: string }[] } }>(
      after,
      'select input from jobs order by id',
    )
    const [moved, other] = jobs.map(({ input }) => [input.from, input.to, input.items[0]?.key])
    assert.deepEqual(moved, ['yours', 'yours', '"bucket":"my.library"'])
    assert.deepEqual(other, ['my.library2', 'my.library2', '"bucket":"my.library2"'])
  } finally {
    await after.end()
  }
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

test('a table of another program is neither emptied nor copied over', async () => {
  await using source = await testDatabase()
  await using target = await testDatabase()
  const client = await openClient({ ...clientConfigOf(target.connection), application_name: 'test' })
  try {
    await runQuery(client, 'create table orders as select 1 as id')
    await assert.rejects(
      copyDatabase({ source: source.connection, target: target.connection, logger }),
      /has tables that are not SkyCrate's, such as orders: create an empty one/,
    )
    assert.deepEqual(await runQuery(client, 'select id from orders'), [{ id: 1 }])
  } finally {
    await client.end()
  }
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

test('a database that cannot be reached is said to be the other one, with the reason', async () => {
  await using source = await testDatabase()
  const nowhere = { connectionString: 'postgresql://x@127.0.0.1:1/nowhere' }
  await assert.rejects(
    copyDatabase({ source: source.connection, target: nowhere, logger }),
    /^CopyDatabaseError: The other database can't be used: connect ECONNREFUSED 127\.0\.0\.1:1$/,
  )
})
