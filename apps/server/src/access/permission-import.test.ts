import assert from 'node:assert/strict'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import type { NewPermission } from '@skycrate/contract/permissions/schemas'
import { readAuditEvents } from '../audit/audit-reader.ts'
import { testDatabase } from '../db/test-database.ts'
import { AppError } from '../errors/app-error.ts'
import { body, by, isProblem, permissionsOn } from './test-permissions.ts'

const BOB = 'usr_01hf7yat000000000000000001'
const HEADER = 'kind,principal,issuer,store,bucket,prefix,actions,expiresAt,description'
const people = `insert into users (id, email, email_verified) values
  ('${BOB}', 'Bob@example.com', true), ('usr_01hf7yat000000000000000002', 'twin@example.com', true),
  ('usr_01hf7yat000000000000000003', 'twin@example.com', true), ('usr_01hf7yat000000000000000004', 'eve@example.com', false)`

test('what was exported is imported again as it was, and is harmless in a spreadsheet', async () => {
  await using source = await testDatabase()
  await using target = await testDatabase()
  const from = permissionsOn(source)
  for (const database of [source, target]) await database.query(people)
  const wishes: Partial<NewPermission>[] = [
    { principal: { kind: 'user', userId: BOB }, prefix: '=cmd|calc/', description: '=1+1' },
    { principal: { kind: 'group', group: '@SUM(1)' }, prefix: '-1/', description: 'a "quoted", one;=2\r\n+3' },
    { principal: { kind: 'group', group: ' staff ', issuer: 'https://issuer.example/' }, prefix: "'=x/" },
    { principal: { kind: 'guest' }, expiresAt: '2099-01-02T03:04:05.678Z', prefix: '' },
    { prefix: 'é/${user.id}/${user.email}/', actions: ['delete', 'list', 'read', 'write'] },
  ]
  for (const wish of wishes) await from.create(body(wish), by)
  const file = (await buffer(await from.export({}, by))).toString()
  assert.ok(file.startsWith('\uFEFFkind,'))
  assert.doesNotMatch(file, /(?:^|[,;\r\n"])[=+@]/u)
  const to = permissionsOn(target)
  const report = await to.import(Buffer.from(file), false, by)
  assert.deepEqual(report, { dryRun: false, lines: 5, created: 5, unchanged: 0, mistakes: [] })
  const bare = (list: Awaited<ReturnType<typeof to.list>>) =>
    list.permissions.map((each) => JSON.stringify({ ...each, id: '', createdAt: '', updatedAt: '' })).toSorted()
  assert.deepEqual(bare(await to.list({})), bare(await from.list({})))
  const again = await to.import(Buffer.from(file), false, by)
  assert.deepEqual([again.created, again.unchanged], [0, 5])
  assert.equal((await buffer(await from.export({ kind: 'group' }, by))).toString().trimEnd().split('\r\n').length, 3)
  const [exported] = (await readAuditEvents(source, { limit: 1 })).events
  assert.deepEqual([exported?.action, exported?.detail], ['permission.export', { filter: { kind: 'group' } }])
})

test('every mistake of a file is named with its line, and nothing of it is imported', async () => {
  await using database = await testDatabase()
  await database.query(people)
  const permissions = permissionsOn(database, {
    presenceOf: (bucket) => (bucket === 'gone' ? 'absent' : bucket === 'theirs' ? 'forbidden' : 'owned'),
  })
  const lines = [
    HEADER,
    'everyone,,,,reports,ok/,read list,,', // 2
    'everybody,,,,reports,a/,read,,', // 3
    `user,${BOB},,,reports,a,read write,,`, // 4
    'user,usr_01hf7yat00000000000000zzzz,,,reports,a/,read,,', // 5
    'user,BOB@example.com,,,reports,a/,read,,', // 6: right
    'user,twin@example.com,,,reports,a/,read,,', // 7
    'user,eve@example.com,,,reports,a/,read,,', // 8
    'group,,,,reports,a/,read,,', // 9
    'everyone,someone,,,reports,a/,fly,tomorrow,', // 10
    'everyone,,,,gone,a/,read,,', // 11
    'everyone,,,,theirs,a/,read,,', // 12
    'everyone,,,elsewhere,reports,a/,read,,', // 13
    'everyone,,,,reports,a/,read,2020-01-01T00:00:00Z,', // 14
    'everyone,,,,reports,a/,read,2099-02-30T00:00:00Z,', // 15
    'everyone,,,,reports,a/', // 16
    'guest,,,,reports,${user.id}/,read,,"two', // 17
    'lines"', // 18
    'everyone,,https://i.example/,,reports,ok/,read,,', // 19
    'everyone,,,,reports,ok/,read,,a\0b', // 20
  ]
  const file = Buffer.from(lines.join('\n'))
  const expected = [
    [3, 'kind'],
    [4, 'prefix'],
    [5, 'principal'],
    [7, 'principal'],
    [8, 'principal'],
    [9, 'principal'],
    [10, 'principal'],
    [10, 'actions'],
    [10, 'expiresAt'],
    [11, 'bucket'],
    [12, 'bucket'],
    [13, 'store'],
    [14, 'expiresAt'],
    [15, 'expiresAt'],
    [16, null],
    [17, 'prefix'],
    [19, 'issuer'],
    [20, 'description'],
  ]
  const report = await permissions.import(file, true, by)
  assert.deepEqual(
    report.mistakes.map(({ line, column }) => [line, column]),
    expected,
  )
  assert.deepEqual([report.lines, report.created, report.unchanged], [18, 0, 0])
  await assert.rejects(permissions.import(file, false, by), (error: unknown) => {
    assert.ok(error instanceof AppError && error.code === 'invalid-request')
    assert.deepEqual(
      error.errors?.map(({ path }) => path),
      expected.map(([line, column]) => (column === null ? `/lines/${line}` : `/lines/${line}/${column}`)),
    )
    return true
  })
  assert.deepEqual((await permissions.list({})).permissions, [])
  assert.deepEqual((await readAuditEvents(database, { limit: 1 })).events, [])
})

test('a header that does not fit, an empty file and too many lines are one mistake each', async () => {
  await using database = await testDatabase()
  const permissions = permissionsOn(database)
  const tooMany = `kind,bucket,prefix,actions\n${'everyone,reports,,read\n'.repeat(100_001)}`
  for (const [file, line, message] of [
    ['', 1, /empty/],
    ['kind,bucket,prefix\n', 1, /missing/],
    ['kind,bucket,prefix,actions,colour\n', 1, /colour/],
    ['kind,bucket,prefix,actions,kind\n', 1, /twice/],
    [tooMany, 100_002, /at most 100000/],
  ] as const) {
    const { mistakes } = await permissions.import(Buffer.from(file), true, by)
    assert.equal(mistakes.length, 1, file.slice(0, 50))
    assert.equal(mistakes[0]!.line, line)
    assert.match(mistakes[0]!.message, message)
  }
})

test('a dry run says what an import would create, and creates nothing; the import records who got what', async () => {
  await using database = await testDatabase()
  await database.query(people)
  const permissions = permissionsOn(database)
  await permissions.create(body({ prefix: 'known/', actions: ['read'] }), by)
  const file = Buffer.from(
    [
      'actions;bucket;prefix;kind;principal',
      'read;reports;known/;everyone;',
      'read;reports;new/;user;bob@example.com',
      'read;reports;new/;user;bob@example.com',
      'read, write|delete;reports;new/;group;staff',
    ].join('\r\n'),
  )
  const counts = { lines: 4, created: 2, unchanged: 2, mistakes: [] }
  assert.deepEqual(await permissions.import(file, true, by), { dryRun: true, ...counts })
  assert.equal((await permissions.list({})).permissions.length, 1)
  assert.deepEqual(await permissions.import(file, false, by), { dryRun: false, ...counts })
  const { events } = await readAuditEvents(database, { limit: 3 })
  const details = events.map(({ action, outcome, targetUserId, detail }) => [action, outcome, targetUserId, detail])
  const [first] = (await permissions.list({ userId: BOB })).permissions
  const [second] = (await permissions.list({ group: 'staff' })).permissions
  const place = { store: 'default', bucket: 'reports', prefix: 'new/', expiresAt: null }
  const principal = { kind: 'user', userId: BOB }
  const group = { kind: 'group', group: 'staff', issuer: null }
  const created = [
    ['permission.create', 'allow', BOB, { ...place, permissionId: first!.id, principal, actions: ['read'] }],
    [
      'permission.create',
      'allow',
      null,
      { ...place, permissionId: second!.id, principal: group, actions: ['read', 'write', 'delete'] },
    ],
  ]
  assert.deepEqual(new Set(details.slice(0, 2)), new Set(created))
  assert.deepEqual(details[2], ['permission.import', 'allow', null, { created: 2, unchanged: 2 }])
})

test('an import whose record fails creates nothing', async () => {
  await using database = await testDatabase()
  let left = 3
  const audit = {
    record: () => (left-- > 0 ? Promise.resolve() : Promise.reject(new AppError('audit-unavailable'))),
  }
  const permissions = permissionsOn(database, { audit })
  const lines = Array.from({ length: 10 }, (_, i) => `everyone,reports,${i}/,read`)
  const file = Buffer.from(['kind,bucket,prefix,actions', ...lines].join('\n'))
  await assert.rejects(permissions.import(file, false, by), isProblem('audit-unavailable'))
  assert.deepEqual((await permissions.list({})).permissions, [])
})

test('100,000 lines are imported at once, each with its event', async () => {
  await using database = await testDatabase()
  const permissions = permissionsOn(database)
  const lines = Array.from({ length: 100_000 }, (_, i) => `group,team-${i % 5000},reports,folder-${i}/,read list,${i}`)
  const file = (text: readonly string[]): Buffer =>
    Buffer.from(`\uFEFF${['kind,principal,bucket,prefix,actions,description', ...text].join('\r\n')}`)
  const wrong = lines.with(50_000, 'group,team,reports,folder,read,')
  const { mistakes } = await permissions.import(file(wrong), true, by)
  assert.deepEqual(
    mistakes.map(({ line }) => line),
    [50_002],
  )
  const report = await permissions.import(file(lines), false, by)
  assert.deepEqual([report.created, report.unchanged], [100_000, 0])
  const [row] = await database.query<{ rows: number; events: number }>(
    `select (select count(*)::int from permissions) as rows,
       (select count(*)::int from audit_events where action = 'permission.create') as events`,
  )
  assert.deepEqual(row, { rows: 100_000, events: 100_000 })
})
