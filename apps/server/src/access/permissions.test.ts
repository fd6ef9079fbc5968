import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NewPermission } from '@skycrate/contract/permissions/schemas'
import { readAuditEvents } from '../audit/audit-reader.ts'
import { testDatabase } from '../db/test-database.ts'
import { AppError } from '../errors/app-error.ts'
import { preconditionOf } from '../precondition.ts'
import { refuseGuestWrites } from './guest-writes.ts'
import { ADMIN, anyVersion, body, by, isProblem, origin, permissionsOn } from './test-permissions.ts'

const LATER = '2099-01-01T00:00:00.000Z'
/** Time passes: what was given until `LATER` has ended. */
const EXPIRE = `update permissions set expires_at = '2020-01-01' where expires_at = '${LATER}'`

test('a permission that is made is listed, pages by id, and is gone when it is removed; each change is recorded', async () => {
  await using database = await testDatabase()
  const permissions = permissionsOn(database)
  const made = []
  for (let i = 0; i < 5; i++) made.push((await permissions.create(body({ prefix: `${i}/` }), by)).permission)
  const first = await permissions.list({ limit: 3 })
  assert.equal(first.permissions.length, 3)
  const second = await permissions.list({ limit: 3, cursor: first.nextCursor ?? '' })
  assert.equal(second.nextCursor, null)
  assert.deepEqual(
    new Set([...first.permissions, ...second.permissions].map((each) => each.prefix)),
    new Set(['0/', '1/', '2/', '3/', '4/']),
  )
  await permissions.delete(made[0]!.id, anyVersion, by)
  await assert.rejects(permissions.delete(made[0]!.id, anyVersion, by), isProblem('not-found'))
  await assert.rejects(permissions.delete("prm_x' or true", anyVersion, by), isProblem('not-found'))
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
  const {
    permission: { id },
  } = await permissions.create(body({ principal, actions: ['write', 'delete'], expiresAt }), by)
  await permissions.delete(id, anyVersion, by)
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
        userEmailVerified: false,
        userIssuer: null,
        userName: null,
        targetUserId: 'usr_bob',
        targetEmail: 'bob@example.org',
        targetEmailVerified: false,
        targetIssuer: null,
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
  const {
    permission: { id },
  } = await permissionsOn(database).create(body(), by)
  const audit = { record: () => Promise.reject(new AppError('audit-unavailable')) }
  const permissions = permissionsOn(database, { audit })
  await assert.rejects(permissions.create(body({ prefix: 'new/' }), by), isProblem('audit-unavailable'))
  await assert.rejects(permissions.delete(id, anyVersion, by), isProblem('audit-unavailable'))
  assert.deepEqual(
    (await permissions.list({})).permissions.map((each) => each.id),
    [id],
  )
})

test('what a permission holds comes back as it was given', async () => {
  await using database = await testDatabase()
  const expiresAt = '2027-01-02T03:04:05.000Z'
  const principal = { kind: 'group', group: 'staff' } as const
  const { permission: made } = await permissionsOn(database).create(
    body({ principal, prefix: 'team/${user.id}/', actions: ['write', 'delete'], expiresAt, description: 'why' }),
    by,
  )
  const { id: _, createdAt, updatedAt, ...rest } = made
  assert.equal(createdAt, updatedAt)
  assert.deepEqual(rest, {
    principal,
    principalName: 'staff',
    store: 'default',
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
    [{ prefix: '${user.name}/' }, ['/prefix']],
    [{ expiresAt: new Date(Date.now() - 1).toISOString() }, ['/expiresAt']],
    [
      { expiresAt: '2020-01-01T00:00:00Z', principal: { kind: 'guest' }, prefix: '${user.email}/' },
      ['/prefix', '/expiresAt'],
    ],
    [{ principal: { kind: 'guest' }, prefix: 'private/${user.id}/' }, ['/prefix']],
    [{ principal: { kind: 'user', userId: 'usr_nobody' } }, ['/principal/userId']],
  ]
  for (const [more, paths] of wrong) {
    await assert.rejects(permissions.create(body(more), by), (error: unknown) => {
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
  const { permission: read } = await permissions.create(body(), by)
  const group = { kind: 'group', group: 'staff', issuer: 'https://issuer.example/' } as const
  await permissions.create(body({ principal: group, prefix: 'team/', actions: ['write'] }), by)
  await permissions.create(body({ prefix: 'old/', actions: ['write'], expiresAt: LATER }), by)
  await database.query(EXPIRE)
  await database.query(`insert into users (id) values ('usr_bob')`)
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
  assert.deepEqual(elsewhere, { outcome: 'deny', reason: 'no-permission', permission: null, nearMisses: [] })
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
  const production = permissionsOn(database, { guestWrites: false })
  for (const action of ['write', 'delete'] as const) {
    const wish = body({ principal: guest, actions: ['read', action] })
    await assert.rejects(production.create(wish, by), isProblem('invalid-request'))
  }
  await production.create(body({ principal: guest }), by)
  await production.create(body({ actions: ['write', 'delete'] }), by)
  await refuseGuestWrites(database)
  const writable = body({ principal: guest, actions: ['write'] })
  await permissionsOn(database).create({ ...writable, expiresAt: LATER }, by)
  await database.query(EXPIRE)
  await refuseGuestWrites(database)
  const {
    permission: { id },
  } = await permissionsOn(database).create(writable, by)
  await assert.rejects(refuseGuestWrites(database), new RegExp(`by ${id}, which is refused in production`))
})

test('the same grant given twice is one row, whoever it is for, and one deletion ends it', async () => {
  await using database = await testDatabase()
  const permissions = permissionsOn(database)
  await database.query(`insert into users (id) values ('usr_bob')`)
  const wishes: Partial<NewPermission>[] = [
    {},
    { principal: { kind: 'guest' } },
    { principal: { kind: 'user', userId: 'usr_bob' }, expiresAt: LATER },
    { principal: { kind: 'group', group: 'staff' } },
    { principal: { kind: 'group', group: 'staff', issuer: 'https://issuer.example/' } },
    { prefix: '2027/' },
    { actions: ['read'] },
    { expiresAt: LATER },
  ]
  const ids = new Set<string>()
  for (const wish of wishes) {
    const first = await permissions.create(body({ ...wish, description: 'one' }), by)
    assert.equal(first.isNew, true, JSON.stringify(wish))
    const many = await Promise.all(
      Array.from({ length: 8 }, () => permissions.create(body({ ...wish, description: 'another' }), by)),
    )
    for (const again of many) assert.deepEqual(again, { permission: first.permission, isNew: false })
    ids.add(first.permission.id)
  }
  assert.equal(ids.size, wishes.length)
  const { permissions: listed } = await permissions.list({})
  assert.deepEqual(new Set(listed.map(({ id }) => id)), ids)
  const { events } = await readAuditEvents(database, { limit: 100, action: 'permission.create' })
  assert.equal(events.length, wishes.length, 'what was there already is no event')
})

test('a permission is replaced whole, and the log says what it was before', async () => {
  await using database = await testDatabase()
  const permissions = permissionsOn(database)
  const { permission } = await permissions.create(body({ expiresAt: LATER, description: 'why' }), by)
  const wish = body({ principal: { kind: 'guest' }, prefix: 'x/', actions: ['read'], expiresAt: null })
  const after = await permissions.replace(permission.id, wish, anyVersion, by)
  assert.deepEqual(await permissions.get(permission.id), after)
  const { createdAt, updatedAt, ...rest } = after
  assert.ok(updatedAt > createdAt)
  assert.deepEqual(rest, {
    id: permission.id,
    principal: { kind: 'guest' },
    principalName: 'Guests',
    store: 'default',
    bucket: 'reports',
    prefix: 'x/',
    actions: ['read'],
    expiresAt: null,
    description: '',
  })
  const [event] = (await readAuditEvents(database, { limit: 1 })).events
  const state = { permissionId: permission.id, store: 'default', bucket: 'reports' }
  assert.deepEqual(event?.detail, {
    ...state,
    principal: { kind: 'guest' },
    prefix: 'x/',
    actions: ['read'],
    expiresAt: null,
    before: {
      ...state,
      principal: { kind: 'everyone' },
      prefix: '2026/',
      actions: ['read', 'list'],
      expiresAt: LATER,
    },
  })
  await assert.rejects(permissions.replace('prm_x', wish, anyVersion, by), isProblem('not-found'))
  const { permission: other } = await permissions.create(body({ prefix: 'y/' }), by)
  await assert.rejects(
    permissions.replace(other.id, wish, anyVersion, by),
    (error) => isProblem('conflict')(error) && (error as AppError).detail?.includes(permission.id) === true,
  )
  assert.deepEqual(await permissions.get(other.id), other)
  const [failure] = (await readAuditEvents(database, { limit: 1 })).events
  assert.equal(failure?.action, 'permission.create', 'what did not come about is not recorded')
})

test('of two administrators who change the same version, one learns that there is another one', async () => {
  await using database = await testDatabase()
  const permissions = permissionsOn(database)
  const { permission: read } = await permissions.create(body(), by)
  const ifUnchanged = preconditionOf(`"${read.updatedAt}"`)
  const wishes = Array.from({ length: 8 }, (_, i) => body({ prefix: `${i}/` }))
  const results = await Promise.allSettled(wishes.map((wish) => permissions.replace(read.id, wish, ifUnchanged, by)))
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
  for (const result of results)
    if (result.status === 'rejected') assert.ok(isProblem('precondition-failed')(result.reason))
  await assert.rejects(permissions.delete(read.id, ifUnchanged, by), isProblem('precondition-failed'))
  const now = await permissions.get(read.id)
  for (const tag of [`W/"${now.updatedAt}"`, now.updatedAt, '""', `"${read.updatedAt}"`]) {
    await assert.rejects(permissions.delete(read.id, preconditionOf(tag), by), isProblem('precondition-failed'), tag)
  }
  await permissions.delete(read.id, preconditionOf(`"x", "${now.updatedAt}"`), by)
})

test('a permission on a bucket that is missing, refused or of no known store is refused, and nothing is written', async () => {
  await using database = await testDatabase()
  const permissions = permissionsOn(database, {
    presenceOf: (bucket) => (bucket === 'reports' ? 'owned' : bucket === 'theirs' ? 'forbidden' : 'absent'),
  })
  await assert.rejects(permissions.create(body({ bucket: 'missing' }), by), isProblem('bucket-missing'))
  await assert.rejects(permissions.create(body({ bucket: 'theirs' }), by), isProblem('store-refused'))
  await assert.rejects(permissions.create(body({ store: 'elsewhere' }), by), isProblem('invalid-request'))
  const { permission } = await permissions.create(body(), by)
  await assert.rejects(
    permissions.replace(permission.id, body({ bucket: 'missing' }), anyVersion, by),
    isProblem('bucket-missing'),
  )
  assert.deepEqual((await permissions.list({})).permissions, [permission])
})

test('explain tells that the bucket is missing, but only to whom a permission matches', async () => {
  await using database = await testDatabase()
  const here = permissionsOn(database)
  const gone = permissionsOn(database, { presenceOf: () => 'absent' })
  const { permission } = await here.create(body(), by)
  const alice = { userId: ADMIN, groups: [], isAdmin: false } as const
  const ask = (key: string) => gone.explain({ bucket: 'reports', key, action: 'read' }, alice, origin)
  assert.deepEqual(await ask('2026/x'), { outcome: 'deny', reason: 'bucket-missing', permission, nearMisses: [] })
  const { outcome, reason } = await ask('2027/x')
  assert.deepEqual([outcome, reason], ['deny', 'no-permission'])
})

test('lists are filtered by principal, bucket and prefix, and page by page show everything once', async () => {
  await using database = await testDatabase()
  const permissions = permissionsOn(database)
  await database.query(`insert into users (id, name) values ('usr_bob', 'Bob'), ('usr_eve', null)`)
  const issuer = 'https://issuer.example/'
  const principals: NewPermission['principal'][] = [
    { kind: 'user', userId: 'usr_bob' },
    { kind: 'user', userId: 'usr_eve' },
    { kind: 'group', group: 'staff' },
    { kind: 'group', group: 'staff', issuer },
    { kind: 'everyone' },
    { kind: 'guest' },
  ]
  const prefixes = ['', 'a/', 'a/b/', 'a2/', 'é/', '${user.id}/', '😀/']
  for (const principal of principals) {
    for (const bucket of ['reports', 'media']) {
      for (const prefix of prefixes) {
        if (principal.kind === 'guest' && prefix.includes('$')) continue
        await permissions.create(body({ principal, bucket, prefix, actions: ['read'] }), by)
      }
    }
  }
  const all = (await permissions.list({ limit: 1000 })).permissions
  type One = (typeof all)[number]
  const filters: [Parameters<typeof permissions.list>[0], (one: One) => boolean][] = [
    [{}, () => true],
    [{ kind: 'group' }, ({ principal }) => principal.kind === 'group'],
    [{ kind: 'guest' }, ({ principal }) => principal.kind === 'guest'],
    [{ userId: 'usr_bob' }, ({ principalName }) => principalName === 'Bob'],
    [{ userId: "' or true --" }, () => false],
    [{ group: 'staff' }, ({ principal }) => principal.kind === 'group'],
    [{ group: 'staff', issuer: '' }, ({ principal }) => principal.kind === 'group' && !principal.issuer],
    [{ group: 'staff', issuer }, ({ principal }) => principal.kind === 'group' && principal.issuer === issuer],
    [{ bucket: 'media' }, ({ bucket }) => bucket === 'media'],
    [{ bucket: 'media', prefix: 'a/' }, (one) => one.bucket === 'media' && one.prefix.startsWith('a/')],
    [{ bucket: 'media', prefix: 'a' }, (one) => one.bucket === 'media' && one.prefix.startsWith('a')],
    [{ bucket: 'media', prefix: '%' }, () => false],
    [{ bucket: 'media', prefix: '😀' }, (one) => one.bucket === 'media' && one.prefix === '😀/'],
    [
      { bucket: 'media', kind: 'everyone', prefix: 'é' },
      (one) => one.bucket === 'media' && one.prefix === 'é/' && one.principal.kind === 'everyone',
    ],
    [{ store: 'elsewhere' }, () => false],
    [{ store: 'default', kind: 'everyone' }, ({ principal }) => principal.kind === 'everyone'],
  ]
  for (const [filter, matches] of filters) {
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await permissions.list({ ...filter, limit: 3, ...(cursor === undefined ? {} : { cursor }) })
      seen.push(...page.permissions.map(({ id }) => id))
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    const expected = all.filter(matches).map(({ id }) => id)
    assert.equal(seen.length, expected.length, JSON.stringify(filter))
    assert.deepEqual(seen.toSorted(), expected.toSorted(), JSON.stringify(filter))
  }
  const cursors = ['x', '[]', '[1]', '["prm_x"]', `["${all[0]!.id}","a",1]`, `["${all[0]!.id}","\\u0000"]`]
  for (const cursor of cursors.map((text) => Buffer.from(text).toString('base64url'))) {
    await assert.rejects(permissions.list({ bucket: 'media', cursor }), isProblem('invalid-cursor'), cursor)
    await assert.rejects(permissions.list({ cursor }), isProblem('invalid-cursor'), cursor)
  }
  await assert.rejects(permissions.list({ prefix: 'a/' }), isProblem('invalid-request'))
  await assert.rejects(permissions.list({ issuer }), isProblem('invalid-request'))
})
