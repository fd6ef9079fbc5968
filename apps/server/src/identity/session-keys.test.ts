import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { UserId } from '@skycrate/core/naming/id'
import { testDatabase, type TestDatabase } from '../db/test-database.ts'
import { endSession, insertSession } from '../accounts/sessions.ts'
import { createSessionKeys } from './session-keys.ts'

const USER = 'usr_01kaj7x2v9c4t0m8q3n5p6r7s8' as UserId
const SECRET = 'a secret of at least 32 characters, for tests'

let database: TestDatabase

before(async () => {
  database = await testDatabase()
  await database.query(`insert into users (id, state) values ($1, 'active')`, [USER])
})
after(() => database[Symbol.asyncDispose]())

const keysOf = (secret = SECRET) =>
  createSessionKeys({ database, secret, freshness: { isFresh: () => true }, now: Date.now })

const issued = (accessKeyId: string, expiresAt = Date.now() + 3_600_000) => ({
  accessKeyId,
  secretAccessKey: `secret of ${accessKeyId}`,
  sessionToken: `token of ${accessKeyId}`,
  expiresAt,
})
const caller = {
  userId: USER,
  groups: [{ name: 'editors', issuer: 'https://i.example' }],
  verifiedEmail: 'a@b.example',
  sessionId: null,
}

test('a secret is found by its key and token, with whose it is; by nothing else', async () => {
  await using keys = await keysOf()
  await keys.remember(issued('ASIA1'), caller)
  const found = await keys.find('ASIA1', 'token of ASIA1')
  assert.equal(found?.secretAccessKey, 'secret of ASIA1')
  assert.deepEqual(found?.caller, { ...caller, isAdmin: false })
  assert.equal(await keys.find('ASIA1', 'token of ASIA2'), undefined)
  assert.equal(await keys.find('ASIA2', 'token of ASIA1'), undefined)
  await using others = await keysOf('another secret of at least 32 characters')
  assert.equal(await others.find('ASIA1', 'token of ASIA1'), undefined)
})

test('neither secret nor token stands in the database, and no row passes for another', async () => {
  await using keys = await keysOf()
  await keys.remember(issued('ASIA3'), caller)
  await keys.remember(issued('ASIA4'), caller)
  const rows = await database.query<{ sealed: Buffer }>(`select sealed from session_keys`)
  for (const { sealed } of rows)
    for (const text of ['secret of', 'token of', 'editors']) assert.ok(!sealed.includes(text))
  await database.query(
    `update session_keys set sealed = (select sealed from session_keys where access_key_id = 'ASIA3')
     where access_key_id = 'ASIA4'`,
  )
  assert.equal(await keys.find('ASIA4', 'token of ASIA3'), undefined)
  assert.equal(await keys.find('ASIA4', 'token of ASIA4'), undefined)
})

test('a suspension ends the keys for good, for whoever has just used them too', async () => {
  await using keys = await keysOf()
  await keys.remember(issued('ASIA5'), caller)
  assert.ok(await keys.find('ASIA5', 'token of ASIA5'))
  await database.query(`update users set state = 'suspended' where id = $1`, [USER])
  await poll(async () => (await keys.find('ASIA5', 'token of ASIA5')) === undefined)
  await database.query(`update users set state = 'active' where id = $1`, [USER])
  assert.equal(await keys.find('ASIA5', 'token of ASIA5'), undefined)
})

test('the keys of a session end with it, in a process that has just used them too; those of another session stay', async () => {
  await using keys = await keysOf()
  const place = { network: '192.0.2.0/24', userAgent: null, amr: ['pwd'], days: 1 }
  const [one, other] = [
    await insertSession(database, USER, place, Date.now()),
    await insertSession(database, USER, place, Date.now()),
  ]
  await keys.remember(issued('ASIA8'), { ...caller, sessionId: one })
  await keys.remember(issued('ASIA9'), { ...caller, sessionId: other })
  for (const id of ['ASIA8', 'ASIA9']) assert.ok(await keys.find(id, `token of ${id}`))
  await endSession(database, one)
  await poll(async () => (await keys.find('ASIA8', 'token of ASIA8')) === undefined)
  assert.equal((await keys.find('ASIA9', 'token of ASIA9'))?.caller.sessionId, other)
  await database.query(`update sessions set expires_at = now() where id = $1`, [other])
  await using elsewhere = await keysOf()
  assert.equal(await elsewhere.find('ASIA9', 'token of ASIA9'), undefined, 'nor does it outlive an end by time')
  await database.query('delete from session_keys')
})

/** The notification is on its way. */
async function poll(isSo: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000
  while (!(await isSo())) {
    assert.ok(Date.now() < end, 'no notification arrived')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

test('expired keys are pruned, and no others', async () => {
  await using keys = await keysOf()
  await keys.remember(issued('ASIA6', Date.now() - 1000), caller)
  await keys.remember(issued('ASIA7'), caller)
  await keys.prune()
  const rows = await database.query<{ id: string }>('select access_key_id as id from session_keys order by 1')
  assert.deepEqual(
    rows.map(({ id }) => id),
    ['ASIA7'],
  )
})
