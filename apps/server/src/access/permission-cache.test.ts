import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { decide } from '@skycrate/core/access/decide'
import { actionSet } from '@skycrate/core/access/operation'
import type { Caller, Principal } from '@skycrate/core/access/permission'
import { DEFAULT_STORE } from '@skycrate/core/naming/store'
import { testDatabase } from '../db/test-database.ts'
import { openPermissionCache, type PermissionCache } from './permission-cache.ts'
import { deletePermissionRow, insertPermission } from './permission-rows.ts'

const alice: Caller = { userId: 'usr_alice', groups: [{ name: 'staff', issuer: 'https://issuer.example/' }] }
const bob: Caller = { userId: 'usr_bob', groups: [] }
const always = { isFresh: () => true, settled: () => Promise.resolve(), [Symbol.asyncDispose]: () => Promise.resolve() }

const permission = (principal: Principal) =>
  ({
    principal,
    store: DEFAULT_STORE,
    bucket: 'b',
    prefix: 'x/',
    actions: actionSet(['read']),
    expiresAt: undefined,
    description: '',
  }) as const

async function may(cache: PermissionCache, caller: Caller): Promise<boolean> {
  const set = await cache.permissionsOf(caller)
  return decide(set, { action: 'read', store: DEFAULT_STORE, bucket: 'b', key: 'x/y' }, 0).outcome === 'allow'
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (await condition()) return
    await sleep(10)
  }
  assert.fail('the change was never heard')
}

test('a permission that is given or taken is heard, whoever it is for', async () => {
  await using database = await testDatabase()
  await using cache = await openPermissionCache(database, always)
  const principals: Principal[] = [
    { kind: 'user', userId: 'usr_alice' },
    { kind: 'group', group: 'staff', issuer: 'https://issuer.example/' },
    { kind: 'everyone' },
  ]
  for (const [i, principal] of principals.entries()) {
    assert.equal(await may(cache, alice), false)
    await insertPermission(database, `prm_${i}`, permission(principal))
    await until(() => may(cache, alice))
    await deletePermissionRow(database, `prm_${i}`)
    await until(async () => !(await may(cache, alice)))
  }
})

test("what is held is served without the database, and another user's change leaves it", async () => {
  await using database = await testDatabase()
  await using cache = await openPermissionCache(database, always)
  await insertPermission(database, 'prm_1', permission({ kind: 'user', userId: 'usr_alice' }))
  await until(() => may(cache, alice))
  await sleep(50)
  const held = await cache.permissionsOf(alice)
  assert.equal(cache.peek(alice), held)
  await insertPermission(database, 'prm_2', permission({ kind: 'user', userId: 'usr_bob' }))
  await until(() => may(cache, bob))
  assert.equal(cache.peek(alice), held)
})

test('while notifications are not proven to arrive, nothing held is believed', async () => {
  await using database = await testDatabase()
  let fresh = true
  await using cache = await openPermissionCache(database, { ...always, isFresh: () => fresh })
  assert.equal(await may(cache, alice), false)
  fresh = false
  assert.equal(cache.peek(alice), undefined)
  await database.query('alter table permissions disable trigger user')
  await insertPermission(database, 'prm_1', permission({ kind: 'everyone' }))
  assert.equal(await may(cache, alice), true, 'read anew although no notification came')
})

test('everybody who asks at once is served by one read', async () => {
  await using database = await testDatabase()
  await using cache = await openPermissionCache(database, always)
  const sets = await Promise.all(Array.from({ length: 50 }, () => cache.permissionsOf(alice)))
  assert.equal(new Set(sets).size, 1)
})

test("a caller is in SkyCrate's own groups as soon as an administrator says so, and in groups of the same name by nobody else", async () => {
  await using database = await testDatabase()
  await using cache = await openPermissionCache(database, always)
  await database.query(`insert into users (id) values ('usr_bob')`)
  await database.query(
    `insert into groups (id, name, issuer) values ('grp_own', 'staff', null), ('grp_said', 'staff', 'https://issuer.example/')`,
  )
  await insertPermission(database, 'prm_1', permission({ kind: 'group', group: 'staff', issuer: null }))
  assert.equal(await may(cache, alice), false, 'the issuer says staff, and that is another group')
  assert.equal(await may(cache, bob), false)
  await database.query(
    `insert into group_members (group_id, user_id, from_claims) values ('grp_said', 'usr_bob', true)`,
  )
  assert.equal(await may(cache, bob), false)
  await database.query(
    `insert into group_members (group_id, user_id, from_claims) values ('grp_own', 'usr_bob', false)`,
  )
  await until(() => may(cache, bob))
  await database.query(`update groups set name = 'crew' where id = 'grp_own'`)
  await until(async () => !(await may(cache, bob)))
  await database.query(`update groups set name = 'staff' where id = 'grp_own'`)
  await until(() => may(cache, bob))
  await database.query(`delete from groups where id = 'grp_own'`)
  await until(async () => !(await may(cache, bob)))
})

test('two callers whose groups are written alike are not taken for each other', async () => {
  await using database = await testDatabase()
  await using cache = await openPermissionCache(database, always)
  const issuer = 'https://issuer.example/'
  await insertPermission(database, 'prm_1', permission({ kind: 'group', group: 'b', issuer }))
  const one: Caller = { userId: 'usr_bob', groups: [{ name: 'a\nb', issuer }] }
  const two: Caller = {
    userId: 'usr_bob',
    groups: [
      { name: 'a', issuer },
      { name: 'b', issuer },
    ],
  }
  assert.equal(await may(cache, one), false)
  assert.equal(await may(cache, two), true)
})
