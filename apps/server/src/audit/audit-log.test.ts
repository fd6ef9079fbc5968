import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import type { Sql } from '../db/database.ts'
import type { ObjectAction } from '../access/gate.ts'
import { testDatabase } from '../db/test-database.ts'
import type { AppError } from '../errors/app-error.ts'
import type { NewAuditEvent } from './audit-event.ts'
import { readAuditEvents } from './audit-reader.ts'
import { createAuditLog } from './audit-writer.ts'

const logger = pino({ level: 'silent' })

type ObjectEvent = Extract<NewAuditEvent, { action: ObjectAction }>

const event = (more: Partial<ObjectEvent> = {}): NewAuditEvent => ({
  action: 'object.get',
  outcome: 'allow',
  userId: 'usr_alice',
  bucket: 'b',
  key: 'k',
  reason: null,
  detail: { permissionId: 'prm_1' },
  origin: { requestId: 'req_1', ip: '127.0.0.1', userAgent: 'test', door: 'rest' },
  ...more,
})

test('an event is in the database when its recording has resolved, and many share a commit', async () => {
  await using database = await testDatabase()
  let statements = 0
  const sql: Sql = {
    query(...arguments_) {
      statements++
      return database.hot.query(...arguments_)
    },
  }
  const audit = createAuditLog({ sql, logger, now: Date.now })
  await audit.record(event({ key: 'first' }))
  assert.equal((await readAuditEvents(database, { limit: 10 })).events[0]?.key, 'first')
  statements = 0
  await Promise.all(Array.from({ length: 2500 }, (_, i) => audit.record(event({ key: String(i) }))))
  assert.ok(statements <= 4, `${statements} commits for 2,500 events`)
  const [row] = await database.query<{ count: number }>('select count(*) from audit_events')
  assert.equal(row?.count, 2501)
})

test('every field comes back as it was recorded, whichever events share a commit', async () => {
  await using database = await testDatabase()
  const texts = ['', 'NULL', '"', '\\', '{a,"b"}', 'a,b', "it's", '\u{1F4BE}\n\t', '\\"\\']
  const nowhere = { userId: null, bucket: null, key: null, reason: null }
  const usual = texts.map((text) =>
    event({ key: text, origin: { requestId: text, ip: null, userAgent: text, door: 'rest' } }),
  )
  const others = [
    event({ store: 'other' }),
    event({ outcome: 'error', reason: 'a "reason" \\' }),
    event({ targetUserId: 'usr_bob' }),
    event({ count: 3 }),
    event({ origin: { requestId: 'start', ip: null, userAgent: null, door: 'process' } }),
    { action: 'object.list', outcome: 'allow', ...nowhere, origin: event().origin } as const,
  ]
  for (const events of [usual, others, [...usual, ...others, ...usual], ...others.map((other) => [other])]) {
    await database.query('truncate audit_events')
    const audit = createAuditLog({ sql: database.hot, logger, now: Date.now })
    await Promise.all(events.map((each) => audit.record(each)))
    const read = await readAuditEvents(database, { limit: 100 })
    const told = read.events.toReversed()
    for (const [i, { origin, ...rest }] of events.entries()) {
      const { requestId, ip, userAgent, door } = told[i]!
      assert.deepEqual({ requestId, ip, userAgent, door }, origin)
      const store = rest.bucket === null ? null : 'default'
      assert.partialDeepStrictEqual(told[i], { targetUserId: null, store, count: 1, detail: null, ...rest })
    }
    assert.equal(told.length, events.length)
  }
})

test('events of one request, which share what they have in common, differ where they do', async () => {
  await using database = await testDatabase()
  const audit = createAuditLog({ sql: database.hot, logger, now: Date.now })
  const origin = { requestId: 'req_2', ip: null, userAgent: '"agent"', door: 'rest', tokenId: 'tok_1' } as const
  const detail = { permissionId: 'prm_"1"' }
  const shared = { origin, detail }
  const differing: readonly Partial<ObjectEvent>[] = [
    { action: 'object.put' },
    { userId: null },
    { bucket: 'other' },
    { detail: { permissionId: 'prm_2' } },
    { origin: { ...origin, requestId: 'req_3', tokenId: null } },
  ]
  // Each between two that are as usual, so that it differs from its neighbours in one thing alone.
  const events = differing.flatMap((one, i) => [
    event({ ...shared, key: `${i}` }),
    event({ ...shared, key: 'x', ...one }),
  ])
  await Promise.all(events.map((each) => audit.record(each)))
  const read = await readAuditEvents(database, { limit: 10 })
  assert.deepEqual(
    read.events
      .toReversed()
      .map((each) => [each.key, each.action, each.userId, each.bucket, each.requestId, each.detail]),
    events.map(({ key, action, userId, bucket, origin: { requestId, tokenId }, detail: said }) => [
      key,
      action,
      userId,
      bucket,
      requestId,
      tokenId ? { ...said, tokenId } : said,
    ]),
  )
})

test('events of one millisecond keep their order, and pages meet without gap or overlap', async () => {
  await using database = await testDatabase()
  const audit = createAuditLog({ sql: database.hot, logger, now: () => 1_800_000_000_000 })
  await Promise.all(Array.from({ length: 25 }, (_, i) => audit.record(event({ key: String(i) }))))
  const keys: (string | null)[] = []
  let cursor: string | undefined
  do {
    const page = await readAuditEvents(database, { limit: 10, cursor })
    keys.push(...page.events.map((each) => each.key))
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  assert.deepEqual(
    keys,
    Array.from({ length: 25 }, (_, i) => String(24 - i)),
  )
})

test('a clock that was ahead and is put right leaves no later event in the future', async () => {
  await using database = await testDatabase()
  let clock = 1_800_000_000_000
  const audit = createAuditLog({ sql: database.hot, logger, now: () => clock })
  const at = async (key: string): Promise<number> => {
    await audit.record(event({ key }))
    const [row] = await database.query<{ at: Date }>('select at from audit_events where key = $1', [key])
    return row!.at.getTime()
  }
  assert.equal(await at('ahead'), clock)
  clock -= 1000
  assert.equal(await at('a little back'), clock + 1000, 'the order is kept')
  clock -= 3_600_000
  assert.equal(await at('put right'), clock)
  clock += 1
  assert.equal(await at('and on'), clock)
})

test('each filter narrows, and time windows are half open', async () => {
  await using database = await testDatabase()
  let now = 1_800_000_000_000
  const audit = createAuditLog({ sql: database.hot, logger, now: () => now })
  await audit.record(event({ key: '1' }))
  now += 1000
  await audit.record(event({ key: '2', outcome: 'deny', userId: 'usr_bob' }))
  now += 1000
  await audit.record(event({ key: '3', action: 'object.put' }))
  const keys = async (filter: object) =>
    (await readAuditEvents(database, { limit: 10, ...filter })).events.map((each) => each.key).join()
  assert.equal(await keys({}), '3,2,1')
  assert.equal(await keys({ outcome: 'deny' }), '2')
  assert.equal(await keys({ action: 'object.put' }), '3')
  assert.equal(await keys({ userId: 'usr_alice' }), '3,1')
  assert.equal(await keys({ from: new Date(1_800_000_001_000).toISOString() }), '3,2')
  assert.equal(await keys({ to: new Date(1_800_000_001_000).toISOString() }), '1')
  await assert.rejects(
    keys({ cursor: "evt_x' or true --" }),
    (error: unknown) => (error as AppError).code === 'invalid-cursor',
  )
})

test('what PostgreSQL cannot store is written so that it can, and never fails its neighbours', async () => {
  await using database = await testDatabase()
  const audit = createAuditLog({ sql: database.hot, logger, now: Date.now })
  const hostile = event({
    key: 'a\0b\ud800',
    bucket: '{"\\,NULL}',
    detail: { permissionId: 'prm_\0\ud800' },
    origin: { requestId: 'req_2', ip: null, userAgent: 'x'.repeat(10_000), door: 'rest' },
  })
  await Promise.all([audit.record(event()), audit.record(hostile), audit.record(event())])
  const { events } = await readAuditEvents(database, { limit: 10 })
  assert.equal(events.length, 3)
  assert.equal(events[1]?.key, 'a\ufffdb\ufffd')
  assert.equal(events[1]?.bucket, '{"\\,NULL}')
  assert.equal(events[1]?.userAgent?.length, 4096)
  assert.deepEqual(events[1]?.detail, { permissionId: 'prm_\ufffd\ufffd' })
})

test('while the database refuses, every recording is rejected, and the next ones work again', async () => {
  await using database = await testDatabase()
  const audit = createAuditLog({ sql: database.hot, logger, now: Date.now })
  await database.query('alter table audit_events rename to away')
  const results = await Promise.allSettled(Array.from({ length: 3 }, () => audit.record(event())))
  for (const result of results) {
    assert.ok(result.status === 'rejected' && (result.reason as AppError).code === 'audit-unavailable')
  }
  await database.query('alter table away rename to audit_events')
  await audit.record(event())
})
