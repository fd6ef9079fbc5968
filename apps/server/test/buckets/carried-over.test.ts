import assert from 'node:assert/strict'
import { test } from 'node:test'
import { migrate, readMigrations } from '../../src/db/migrate.ts'
import { testDatabase } from '../../src/db/test-database.ts'

const logger = { debug() {}, info() {}, warn() {}, error() {} }

test('buckets, their steps, homes and permissions from before stores were named are all in the default store', async () => {
  await using database = await testDatabase()
  const { connection } = database
  await database.query('drop schema public cascade')
  await database.query('create schema public')
  const migrations = await readMigrations()
  await migrate({ connection, logger, migrations: migrations.slice(0, 1) })
  await database.query(`insert into users (id) values ('usr_a')`)
  await database.query(
    `insert into provisioned_buckets (bucket, user_id, state, adopted)
     values ('home-a', 'usr_a', 'ready', false), ('old-a', 'usr_a', 'removed', false), ('lib', null, 'ready', true)`,
  )
  await database.query(
    `insert into provisioning_steps (bucket, step, outcome, setting) values ('home-a', 'cors', 'applied', '{"kind":"cors"}')`,
  )
  await database.query(
    `insert into homes (user_id, layout, bucket, region, state)
     values ('usr_a', 'bucket-per-user', 'home-a', 'eu-west-1', 'ready')`,
  )
  await database.query(
    `insert into permissions (id, principal_kind, principal, bucket, prefix, can_read, can_write, can_delete, can_list)
     values ('prm_1', 'user', 'usr_a', 'home-a', '', true, true, true, true),
       ('prm_2', 'everyone', '', 'theirs', 'x/', true, false, false, false)`,
  )
  await migrate({ connection, logger, migrations })
  assert.deepEqual(
    await database.query(`select store, name, kind, region, state, adopted from buckets order by name`),
    [
      { store: 'default', name: 'home-a', kind: 'home', region: 'eu-west-1', state: 'ready', adopted: false },
      { store: 'default', name: 'lib', kind: 'library', region: null, state: 'ready', adopted: true },
      { store: 'default', name: 'old-a', kind: 'home', region: null, state: 'deleted', adopted: false },
      { store: 'default', name: 'theirs', kind: 'registered', region: null, state: 'ready', adopted: true },
    ],
  )
  assert.deepEqual(await database.query(`select store, bucket, step, setting from bucket_steps`), [
    { store: 'default', bucket: 'home-a', step: 'cors', setting: '{"kind":"cors"}' },
  ])
  assert.deepEqual(await database.query(`select distinct store from permissions union select store from homes`), [
    { store: 'default' },
  ])
})
