import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { clientConfigOf, type SocketConnection } from './database-connection.ts'
import { startEmbeddedPostgres } from './embedded/start-embedded-postgres.ts'
import { migrate, readMigrations } from './migrate.ts'
import { openClient, runQuery } from './open-client.ts'

// What a migration makes of rows that are there already.

const QUIET = { debug() {}, info() {}, warn() {}, error() {} }
const ISSUER = 'https://issuer.example/'

let server: Awaited<ReturnType<typeof startEmbeddedPostgres>>
before(async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'skycrate-migrations-'))
  server = await startEmbeddedPostgres({ dataDir, logger: QUIET, throwaway: true })
})
after(() => server[Symbol.asyncDispose]())

/** A database with the migrations below `until`, the rows, then all migrations. */
async function migrated(name: string, until: string, rows: string) {
  const connection: SocketConnection = { ...server.connection, database: name }
  const admin = await openClient(clientConfigOf({ ...server.connection, database: 'postgres' }))
  await runQuery(admin, `create database ${name}`)
  await admin.end()
  const all = await readMigrations()
  await migrate({ connection, logger: QUIET, migrations: all.filter((each) => each.name < until) })
  const client = await openClient(clientConfigOf(connection))
  await runQuery(client, rows)
  await migrate({ connection, logger: QUIET, migrations: all })
  return client
}

const ROWS = `
  insert into users (id, email) values ('usr_own', 'own@a.example'), ('usr_1', 'one@a.example');
  insert into identities (issuer, subject, user_id) values
    ('urn:skycrate:accounts', 'usr_own', 'usr_own'), ('${ISSUER}', 'one', 'usr_1');
  insert into accounts (user_id, email, password_hash) values ('usr_own', 'own@a.example', 'the hash');
  insert into permissions (id, principal_kind, principal, bucket, prefix, can_read, can_write, can_delete, can_list)
  values ('prm_1', 'group', 'staff', 'b', '', true, false, false, false);`

test('password hashes become credentials, and an e-mail is verified where an administrator gave it', async () => {
  const client = await migrated('people', '0004', ROWS)
  assert.deepEqual(await runQuery(client, 'select user_id, kind, data from credentials'), [
    { user_id: 'usr_own', kind: 'password', data: { hash: 'the hash' } },
  ])
  assert.deepEqual(await runQuery(client, 'select id, email_verified, email_issuer from users order by id'), [
    { id: 'usr_1', email_verified: false, email_issuer: ISSUER },
    { id: 'usr_own', email_verified: true, email_issuer: 'urn:skycrate:accounts' },
  ])
  await client.end()
})

test("a group's permission goes to the one issuer that can have said the group", async () => {
  const client = await migrated('one_issuer', '0004', ROWS)
  const rows = await runQuery(client, 'select principal, principal_issuer from permissions')
  assert.deepEqual(rows, [{ principal: 'staff', principal_issuer: ISSUER }])
  assert.deepEqual(await runQuery(client, 'select name from groups'), [])
  await client.end()
})

test('with two issuers nobody knows whose group was meant: its permission becomes that of an own group without members', async () => {
  const second = `insert into users (id) values ('usr_2');
    insert into identities (issuer, subject, user_id) values ('https://other.example/', 'two', 'usr_2');`
  const client = await migrated('two_issuers', '0004', ROWS + second)
  const rows = await runQuery(client, 'select principal, principal_issuer from permissions')
  assert.deepEqual(rows, [{ principal: 'staff', principal_issuer: null }])
  assert.deepEqual(await runQuery(client, 'select name, issuer from groups'), [{ name: 'staff', issuer: null }])
  assert.deepEqual(await runQuery(client, 'select 1 from group_members'), [])
  await client.end()
})
