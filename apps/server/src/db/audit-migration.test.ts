import assert from 'node:assert/strict'
import { test } from 'node:test'
import { migrate, readMigrations } from './migrate.ts'
import { openClient, runQuery } from './open-client.ts'
import { clientConfigOf } from './database-connection.ts'
import { testDatabase } from './test-database.ts'

const logger = { debug() {}, info() {}, warn() {}, error() {} }

test('the log of the first version is carried over, each event into its month', async () => {
  await using database = await testDatabase()
  const connection = { ...database.connection, database: `${database.connection.database}_old` }
  await database.query(`create database ${connection.database}`)
  try {
    const migrations = await readMigrations()
    await migrate({ connection, logger, migrations: migrations.slice(0, 1) })
    const client = await openClient(clientConfigOf(connection))
    try {
      // The ids of a day in May, of one in June, and of none that a clock makes.
      await runQuery(
        client,
        `insert into audit_events (id, at, action, outcome, user_id, bucket, key, reason, request_id) values
         ('evt_01krjqzt000000000000000000', '2026-05-14T08:00:00Z', 'object.get', 'allow', 'usr_a', 'b', 'k', 'prm_1', 'req_1'),
         ('evt_01ktq6cjr00000000000000000', '2026-06-09T22:00:00Z', 'auth.login', 'allow', 'usr_a', null, null, 'ses_1', 'req_2'),
         ('evt_01ktq6cjr00000000000000001', '2026-06-09T22:00:00Z', 'object.get', 'deny', null, 'b', 'k', 'expired', 'req_3'),
         ('evt_00000000000000000000000001', '2026-06-09T22:00:00Z', 'user.create', 'allow', 'usr_a', null, null, 'https://i/', 'start')`,
      )
      assert.ok((await migrate({ connection, logger, migrations })).includes('0002_audit'))
      const rows = await runQuery(
        client,
        `select tableoid::regclass::text as part, action, store, reason, detail, door, count from audit_events order by id`,
      )
      assert.deepEqual(rows, [
        {
          part: 'audit_events_before',
          action: 'user.create',
          store: null,
          reason: null,
          detail: { issuer: 'https://i/' },
          door: 'process',
          count: 1,
        },
        {
          part: 'audit_events_2026_05',
          action: 'object.get',
          store: 'default',
          reason: null,
          detail: { permissionId: 'prm_1' },
          door: 'rest',
          count: 1,
        },
        {
          part: 'audit_events_2026_06',
          action: 'auth.login',
          store: null,
          reason: null,
          detail: { sessionId: 'ses_1' },
          door: 'rest',
          count: 1,
        },
        {
          part: 'audit_events_2026_06',
          action: 'object.get',
          store: 'default',
          reason: 'expired',
          detail: null,
          door: 'rest',
          count: 1,
        },
      ])
    } finally {
      await client.end()
    }
  } finally {
    await database.query(`drop database ${connection.database} with (force)`)
  }
})
