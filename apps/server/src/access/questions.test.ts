import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccessChange, NewPermission } from '@skycrate/contract/permissions/schemas'
import { decide } from '@skycrate/core/access/decide'
import { ACTIONS } from '@skycrate/core/access/operation'
import type { Caller, Permission } from '@skycrate/core/access/permission'
import { permissionSet } from '@skycrate/core/access/permission-set'
import { expandPattern } from '@skycrate/core/access/variables'
import type { UserId } from '@skycrate/core/naming/id'
import fc from 'fast-check'
import { type TestDatabase, testDatabase } from '../db/test-database.ts'
import { callerOfUser } from '../users/groups-of-user.ts'
import {
  fromPermissionBody,
  insertPermission,
  PERMISSION_COLUMNS,
  type PermissionRow,
  toPermission,
} from './permission-rows.ts'
import { ADMIN, body, isProblem, permissionsOn } from './test-permissions.ts'

const ISSUER = 'https://issuer.example/'
const PEOPLE = `
  insert into users (id, name, email, email_verified, state) values
    ('usr_alice', 'Alice', 'Alice@example.com', true, 'active'),
    ('usr_bob', null, 'bob@example.com', true, 'active'),
    ('usr_eve', null, 'alice@example.com', false, 'active'),
    ('usr_twin', null, 'alice@example.com', true, 'active'),
    ('usr_sam', null, null, false, 'suspended');
  insert into groups (id, name, issuer) values ('grp_own', 'staff', null), ('grp_said', 'staff', '${ISSUER}');
  insert into group_members (group_id, user_id, from_claims) values
    ('grp_own', 'usr_alice', false), ('grp_own', 'usr_sam', false), ('grp_said', 'usr_bob', true)`
const IDS = ['usr_alice', 'usr_bob', 'usr_eve', 'usr_twin', 'usr_sam'] as UserId[]

async function withPeople(): Promise<TestDatabase> {
  const database = await testDatabase()
  await database.query(PEOPLE)
  return database
}

const names = ['a', 'usr_alice', 'usr_bob', 'alice@example.com']
const prefix = fc
  .array(fc.constantFrom(...names, '${user.id}', '${user.email}'), { maxLength: 2 })
  .map((parts) => parts.map((part) => `${part}/`).join(''))
const wish: fc.Arbitrary<NewPermission> = fc.record({
  principal: fc.constantFrom<NewPermission['principal']>(
    { kind: 'everyone' },
    { kind: 'group', group: 'staff' },
    { kind: 'group', group: 'staff', issuer: ISSUER },
    { kind: 'user', userId: 'usr_alice' },
    { kind: 'user', userId: 'usr_sam' },
  ),
  bucket: fc.constantFrom('reports', 'reports', 'media'),
  prefix,
  actions: fc.subarray([...ACTIONS], { minLength: 1 }),
})
const key = fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))

let count = 0

async function store(database: TestDatabase, wishes: readonly NewPermission[]): Promise<Permission[]> {
  await database.query('truncate permissions')
  for (const each of wishes) {
    const id = `prm_${String(++count).padStart(26, '0')}` as const
    await insertPermission(database, id, fromPermissionBody(each))
  }
  return (await database.query<PermissionRow>(`select ${PERMISSION_COLUMNS} from permissions p`)).map(toPermission)
}

const allows = (permissions: readonly Permission[], caller: Caller, asked: string, action: (typeof ACTIONS)[number]) =>
  decide(permissionSet(permissions, caller), { action, store: 'default', bucket: 'reports', key: asked }, Date.now())
    .outcome === 'allow'

test('who-can names exactly those whom decide allows it, and counts those who can sign in', async () => {
  await using database = await withPeople()
  const permissions = permissionsOn(database)
  const callers = new Map<UserId, Caller>()
  for (const id of IDS) callers.set(id, await callerOfUser(database, id))
  const isNamed = (found: Awaited<ReturnType<typeof permissions.whoCan>>['principals'], id: UserId): boolean => {
    const caller = callers.get(id)!
    return found.some(
      (each) =>
        each.kind === 'everyone' ||
        (each.kind === 'user' && each.id === id) ||
        (each.kind === 'group' &&
          !('guest' in caller) &&
          caller.groups.some(({ name, issuer }) => name === each.id && issuer === each.issuer)),
    )
  }
  const property = fc.asyncProperty(
    fc.array(wish, { maxLength: 6 }),
    fc.array(key, { minLength: 1, maxLength: 3 }),
    async (wishes, keys) => {
      const rows = await store(database, wishes)
      for (const asked of keys) {
        for (const action of ACTIONS) {
          const { principals, users, morePrincipals } = await permissions.whoCan({
            bucket: 'reports',
            key: asked,
            action,
          })
          const allowed = IDS.filter((id) => allows(rows, callers.get(id)!, asked, action))
          assert.deepEqual(
            IDS.filter((id) => isNamed(principals, id)),
            allowed,
            `${action} ${asked}`,
          )
          assert.equal(users, allowed.filter((id) => id !== 'usr_sam').length)
          assert.equal(morePrincipals, false)
        }
      }
    },
  )
  await fc.assert(property, { numRuns: 60 })
})

test('who-can names people, groups and when it ends; of an e-mail folder only whose verified address it is', async () => {
  await using database = await withPeople()
  const permissions = permissionsOn(database)
  const expiresAt = '2099-01-01T00:00:00.000Z'
  await store(database, [
    body({ prefix: '', actions: ['read'], principal: { kind: 'guest' }, expiresAt }),
    body({ prefix: 'in/${user.email}/', actions: ['read'] }),
    body({ prefix: 'in/', actions: ['read'], principal: { kind: 'group', group: 'staff', issuer: ISSUER } }),
    body({ prefix: 'in/', actions: ['read'], principal: { kind: 'user', userId: 'usr_sam' } }),
  ])
  const { principals, users } = await permissions.whoCan({
    bucket: 'reports',
    key: 'in/alice@example.com/x',
    action: 'read',
  })
  const told = principals.map((each) => ({ ...each, permissionId: '' }))
  const end = { permissionId: '', expiresAt: null }
  assert.deepEqual(told, [
    { kind: 'guest', id: null, name: 'Guests', ...end, expiresAt },
    { kind: 'group', id: 'staff', issuer: ISSUER, name: 'staff', ...end },
    { kind: 'user', id: 'usr_sam', name: 'usr_sam', state: 'suspended', ...end },
    { kind: 'user', id: 'usr_alice', name: 'Alice', state: 'active', ...end },
    { kind: 'user', id: 'usr_twin', name: 'alice@example.com', state: 'active', ...end },
  ])
  assert.equal(users, 3)
})

const isWithin = (
  changes: readonly AccessChange[],
  caller: Caller,
  asked: string,
  action: (typeof ACTIONS)[number],
) => {
  const covers = (pattern: string): boolean => {
    const folder = expandPattern(pattern, caller)
    return folder !== undefined && asked.startsWith(folder)
  }
  return changes.some(
    ({ bucket, prefix: start, except, actions }) =>
      bucket === 'reports' && actions.includes(action) && covers(start) && !except.some(covers),
  )
}

test('a preview tells of everybody who is affected where decide will change its mind, and of nowhere else', async () => {
  await using database = await withPeople()
  const permissions = permissionsOn(database)
  const callers = await Promise.all(IDS.map((id) => callerOfUser(database, id)))
  const seen = { gain: 0, loss: 0, exceptions: 0 }
  const property = fc.asyncProperty(
    fc.array(wish, { minLength: 1, maxLength: 5 }),
    wish,
    fc.constantFrom('create', 'update', 'delete'),
    fc.array(key, { minLength: 1, maxLength: 4 }),
    async (wishes, other, kind, keys) => {
      const before = await store(database, wishes)
      const [{ id }] = before as [Permission]
      const request =
        kind === 'create'
          ? { create: other }
          : kind === 'update'
            ? { update: { id, permission: other } }
            : { delete: { id } }
      const { changes } = await permissions.preview(request)
      const kept = kind === 'create' ? before : before.filter((row) => row.id !== id)
      const after = kind === 'delete' ? kept : [...kept, { ...fromPermissionBody(other), id: 'prm_new' }]
      for (const caller of callers) {
        if ('guest' in caller || caller.userId === 'usr_sam') continue
        const { userId, groups } = caller
        const theirs = changes.filter(
          ({ principal }) =>
            principal.kind === 'everyone' ||
            (principal.kind === 'user' && principal.userId === userId) ||
            (principal.kind === 'group' &&
              groups.some(({ name, issuer }) => name === principal.group && issuer === (principal.issuer ?? null))),
        )
        const own = theirs.map((change) => change.exceptions.find((each) => each.userId === userId) ?? change)
        seen.exceptions += theirs.flatMap((change) => change.exceptions).length
        for (const asked of keys) {
          for (const action of ACTIONS) {
            const could = allows(before, caller, asked, action)
            const can = allows(after, caller, asked, action)
            if (can && !could) seen.gain++
            if (could && !can) seen.loss++
            const where = JSON.stringify([userId, action, asked, request, changes])
            assert.equal(
              own.some(({ gains }) => isWithin(gains, caller, asked, action)),
              can && !could,
              `gain ${where}`,
            )
            assert.equal(
              own.some(({ losses }) => isWithin(losses, caller, asked, action)),
              could && !can,
              `loss ${where}`,
            )
          }
        }
      }
    },
  )
  await fc.assert(property, { numRuns: 150 })
  assert.ok(seen.gain > 20 && seen.loss > 20 && seen.exceptions > 20, JSON.stringify(seen))
})

test('a preview changes nothing, finds the same grant, and refuses what could not be saved', async () => {
  await using database = await withPeople()
  const permissions = permissionsOn(database)
  const [one] = await store(database, [body()])
  assert.equal((await permissions.preview({ create: body({ description: 'again' }) })).sameAs, one!.id)
  assert.equal((await permissions.preview({ update: { id: one!.id, permission: body() } })).sameAs, null)
  const { sameAs, changes } = await permissions.preview({ create: body({ principal: { kind: 'guest' } }) })
  assert.equal(sameAs, null)
  assert.deepEqual(
    changes.map(({ principalName, gains, losses, people }) => [principalName, gains.length, losses.length, people]),
    [['Guests', 1, 0, 0]],
  )
  await assert.rejects(permissions.preview({ create: body({ prefix: 'a' }) }), isProblem('invalid-request'))
  await assert.rejects(permissions.preview({ delete: { id: ADMIN } }), isProblem('not-found'))
  assert.equal((await permissions.list({})).permissions.length, 1)
})
