import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NewPermission } from '@skycrate/contract/permissions/schemas'
import { pino } from 'pino'
import { readAuditEvents } from '../audit/audit-reader.ts'
import { createAuditLog } from '../audit/audit-writer.ts'
import { type TestDatabase, testDatabase } from '../db/test-database.ts'
import { AppError } from '../errors/app-error.ts'
import { refuseGuestWrites } from './guest-writes.ts'
import { createPermissions } from './permissions.ts'

const origin = { requestId: 'req_1', ip: null, userAgent: null, door: 'rest' as const }
const ADMIN = 'usr_01hf7yat000000000000000000'

function permissionsOn(database: TestDatabase, guestWrites = true) {
  const audit = createAuditLog({ sql: database.hot, logger: pino({ level: 'silent' }), now: Date.now })
  return createPermissions({ database, audit, now: Date.now, guestWrites })
}

const body = (more: Partial<NewPermission> = {}): NewPermission => ({
  principal: { kind: 'everyone' },
  bucket: 'reports',
  prefix: '2026/',
  actions: ['read', 'list'],
  ...more,
})

const isProblem = (code: string) => (error: unknown) => error instanceof AppError && error.code === code

test('a permission that is made is listed, pages by id, and is gone when it is removed; each change is recorded', async () => {
  await using database = await testDatabase()
  const permissions = permissionsOn(database)
  const made = []
  for (let i = 0; i < 5; i++) made.push(await permissions.create(body({ prefix: `${i}/` }), ADMIN, origin))
  const first = await permissions.list(3, undefined)
  assert.equal(first.permissions.length, 3)
  const second = await permissions.list(3, first.nextCursor ?? undefined)
  assert.equal(second.nextCursor, null)
  assert.deepEqual(
    new Set([...first.permissions, ...second.permissions].map((each) => each.prefix)),
    new Set(['0/', '1/', '2/', '3/', '4/']),
  )
  await permissions.remove(made[0]!.id, ADMIN, origin)
  await assert.rejects(permissions.remove(made[0]!.id, ADMIN, origin), isProblem('not-found'))
  await assert.rejects(permissions.remove("prm_x' or true", ADMIN, origin), isProblem('not-found'))
  const { events } = await readAuditEvents(database, { limit: 20 })
  assert.deepEqual(
    events.slice(0, 3).map((event) => [event.action, event.outcome, event.reason]),
    [
      ['permission.delete', 'error', 'not-found'],
      ['permission.delete', 'allow', null],
      ['permission.create', 'allow', null],
    ],
  )
})

test('once a permission is deleted the log still says who had what, where and until when', async () => {
  await using database = await testDatabase()
  const permissions = permissionsOn(database)
  await database.query(`insert into users (id, email) values ('usr_bob', 'bob@example.org')`)
  const principal = { kind: 'user', userId: 'usr_bob' } as const
  const expiresAt = '2099-01-02T03:04:05.000Z'
  const { id } = await permissions.create(body({ principal, actions: ['write', 'delete'], expiresAt }), ADMIN, origin)
  await permissions.remove(id, ADMIN, origin)
  const { events } = await readAuditEvents(database, { limit: 2 })
  for (const [index, action] of ['permission.delete', 'permission.create'].entries()) {
    const { at: _, id: __, ...event } = events[index]!
    assert.deepEqual(
      { ...event, action: event.action },
      {
        action,
        outcome: 'allow',
        userId: ADMIN,
        userEmail: null,
        userName: null,
        targetUserId: 'usr_bob',
        targetEmail: 'bob@example.org',
        targetName: null,
        store: 'default',
        bucket: 'reports',
        key: '2026/',
        reason: null,
        detail: {
          permissionId: id,
          principal,
          store: 'default',
          bucket: 'reports',
          prefix: '2026/',
          actions: ['write', 'delete'],
          expiresAt,
        },
        door: 'rest',
        count: 1,
        requestId: 'req_1',
        ip: null,
        userAgent: null,
      },
    )
  }
})

test('a change that is not recorded does not hold', async () => {
  await using database = await testDatabase()
  const { id } = await permissionsOn(database).create(body(), ADMIN, origin)
  const audit = { record: () => Promise.reject(new AppError('audit-unavailable')) }
  const permissions = createPermissions({ database, audit, now: Date.now, guestWrites: true })
  await assert.rejects(permissions.create(body({ prefix: 'new/' }), ADMIN, origin), isProblem('audit-unavailable'))
  await assert.rejects(permissions.remove(id, ADMIN, origin), isProblem('audit-unavailable'))
  assert.deepEqual(
    (await permissions.list(10, undefined)).permissions.map((each) => each.id),
    [id],
  )
})

test('what a permission holds comes back as it was given', async () => {
  await using database = await testDatabase()
  const expiresAt = '2027-01-02T03:04:05.000Z'
  const principal = { kind: 'group', group: 'staff' } as const
  const made = await permissionsOn(database).create(
    body({ principal, prefix: 'team/${user.id}/', actions: ['write', 'delete'], expiresAt, description: 'why' }),
    ADMIN,
    origin,
  )
  const { id: _, createdAt: __, ...rest } = made
  assert.deepEqual(rest, {
    principal,
    bucket: 'reports',
    prefix: 'team/${user.id}/',
    actions: ['write', 'delete'],
    expiresAt,
    description: 'why',
  })
})

test('a permission that could not mean what it says is refused, with every mistake named', async () => {
  await using database = await testDatabase()
  const permissions = permissionsOn(database)
  const wrong: [Partial<NewPermission>, string[]][] = [
    [{ bucket: 'No_Bucket', prefix: 'a' }, ['/bucket', '/prefix']],
    [{ prefix: 'a//' }, ['/prefix']],
    [{ prefix: '../' }, ['/prefix']],
    [{ prefix: '${user.email}/' }, ['/prefix']],
    [{ principal: { kind: 'guest' }, prefix: 'private/${user.id}/' }, ['/prefix']],
    [{ principal: { kind: 'user', userId: 'usr_nobody' } }, ['/principal/userId']],
  ]
  for (const [more, paths] of wrong) {
    await assert.rejects(permissions.create(body(more), ADMIN, origin), (error: unknown) => {
      assert.ok(error instanceof AppError)
      assert.deepEqual(
        error.errors?.map((each) => each.path),
        paths,
        JSON.stringify(more),
      )
      return true
    })
  }
})

test('explain names the permission that allows, or what each of the others lacks', async () => {
  await using database = await testDatabase()
  const permissions = permissionsOn(database)
  const alice = {
    userId: ADMIN,
    groups: [{ name: 'staff', issuer: 'https://issuer.example/' }],
    isAdmin: false,
  } as const
  const read = await permissions.create(body(), ADMIN, origin)
  const group = { kind: 'group', group: 'staff', issuer: 'https://issuer.example/' } as const
  await permissions.create(body({ principal: group, prefix: 'team/', actions: ['write'] }), ADMIN, origin)
  await permissions.create(
    body({ prefix: 'old/', actions: ['write'], expiresAt: '2020-01-01T00:00:00.000Z' }),
    ADMIN,
    origin,
  )
  const allowed = await permissions.explain({ bucket: 'reports', key: '2026/a', action: 'read' }, alice, origin)
  assert.deepEqual([allowed.outcome, allowed.permission?.id], ['allow', read.id])
  const why = async (key: string) => {
    const { outcome, nearMisses } = await permissions.explain(
      { bucket: 'reports', key, action: 'write' },
      alice,
      origin,
    )
    return [outcome, ...nearMisses.map((each) => `${each.permission.prefix} ${each.why}`).toSorted()]
  }
  assert.deepEqual(await why('2026/a'), ['deny', '2026/ other-action', 'old/ other-prefix', 'team/ other-prefix'])
  assert.deepEqual(await why('old/a'), ['deny', '2026/ other-prefix', 'old/ expired', 'team/ other-prefix'])
  const elsewhere = await permissions.explain({ bucket: 'other', key: 'a', action: 'read' }, alice, origin)
  assert.deepEqual(elsewhere, { outcome: 'deny', permission: null, nearMisses: [] })
  const about = { bucket: 'reports', key: '2026/a', action: 'read', userId: 'usr_bob' } as const
  await assert.rejects(permissions.explain(about, alice, origin), isProblem('forbidden'))
  const refusal = (await readAuditEvents(database, { limit: 1 })).events[0]
  assert.deepEqual(
    [refusal?.action, refusal?.outcome, refusal?.reason, refusal?.targetUserId],
    ['admin.request', 'deny', 'not-administrator', 'usr_bob'],
  )
  assert.equal((await permissions.explain(about, { ...alice, isAdmin: true }, origin)).outcome, 'allow')
})

test('guests cannot be let write or delete in production, and a system that lets them does not start there', async () => {
  await using database = await testDatabase()
  const guest = { kind: 'guest' } as const
  const production = permissionsOn(database, false)
  for (const action of ['write', 'delete'] as const) {
    const wish = body({ principal: guest, actions: ['read', action] })
    await assert.rejects(production.create(wish, ADMIN, origin), isProblem('invalid-request'))
  }
  await production.create(body({ principal: guest }), ADMIN, origin)
  await production.create(body({ actions: ['write', 'delete'] }), ADMIN, origin)
  await refuseGuestWrites(database)
  const writable = body({ principal: guest, actions: ['write'] })
  await permissionsOn(database).create({ ...writable, expiresAt: '2020-01-01T00:00:00Z' }, ADMIN, origin)
  await refuseGuestWrites(database)
  const { id } = await permissionsOn(database).create(writable, ADMIN, origin)
  await assert.rejects(refuseGuestWrites(database), new RegExp(`by ${id}, which is refused in production`))
})
