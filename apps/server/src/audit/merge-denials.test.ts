import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import { testDatabase, type TestDatabase } from '../db/test-database.ts'
import { AppError } from '../errors/app-error.ts'
import { createCallerLimits } from '../limits/caller-limits.ts'
import type { NewAuditEvent } from './audit-event.ts'
import { createAuditLog } from './audit-writer.ts'
import { mergeDenials } from './merge-denials.ts'

const logger = pino({ level: 'silent' })

const denial = (key: string, more: { ip?: string; userId?: 'usr_a' } = {}): NewAuditEvent => ({
  action: 'object.get',
  outcome: 'deny',
  userId: more.userId ?? null,
  bucket: 'b',
  key,
  reason: 'no-permission',
  origin: { requestId: 'req_1', ip: more.ip ?? '192.0.2.1', userAgent: null, door: 'rest' },
})

async function open(rate = 5) {
  const stack = new AsyncDisposableStack()
  const database = stack.use(await testDatabase())
  let time = 1_800_000_000_000
  const now = (): number => time
  const log = createAuditLog({ sql: database.hot, logger, now })
  const rates = { user: 0, guest: 0, denial: rate }
  const limits = stack.use(createCallerLimits({ sql: database, logger, now, rates }))
  const audit = stack.use(mergeDenials({ log, limits, logger, now }))
  return {
    database,
    audit,
    advance: (ms: number) => void (time += ms),
    rows: () => rowsOf(database),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

const rowsOf = (database: TestDatabase) =>
  database.query<{ action: string; key: string | null; count: number }>(
    'select action, key, count from audit_events order by id',
  )

const codeOf = (work: Promise<void>): Promise<string> =>
  work.then(
    () => 'recorded',
    (error: unknown) => (error as AppError).code,
  )

test('the first denial is durable at once, its repeats are one event with their number', async () => {
  await using system = await open()
  await system.audit.record(denial('k'))
  assert.deepEqual(await system.rows(), [{ action: 'object.get', key: 'k', count: 1 }])
  await Promise.all(Array.from({ length: 20_000 }, () => system.audit.record(denial('k'))))
  assert.equal((await system.rows()).length, 1)
  system.advance(60_000)
  await system.audit.record(denial('k'))
  const rows = await system.rows()
  assert.deepEqual(
    rows.map(({ count }) => count).toSorted((a, b) => a - b),
    [1, 1, 20_000],
  )
})

test('what was counted is recorded when the process stops', async () => {
  await using database = await testDatabase()
  const now = Date.now
  const log = createAuditLog({ sql: database.hot, logger, now })
  {
    await using audit = mergeDenials({ log, limits: { denial: () => 0 }, logger, now })
    for (let i = 0; i < 4; i++) await audit.record(denial('k'))
  }
  assert.deepEqual(
    (await rowsOf(database)).map(({ count }) => count).toSorted((a, b) => a - b),
    [1, 3],
  )
})

test('a flood of different denials costs a bounded number of rows, and its caller is told to wait', async () => {
  await using system = await open()
  const outcomes = await Promise.all(
    Array.from({ length: 20_000 }, (_, i) => codeOf(system.audit.record(denial(`key ${i}`)))),
  )
  assert.equal(outcomes.filter((code) => code === 'recorded').length, 300)
  assert.equal(outcomes.filter((code) => code === 'too-many-requests').length, 19_700)
  const rows = await system.rows()
  assert.deepEqual(rows.length, 301)
  assert.deepEqual(
    rows.filter(({ action }) => action === 'request.throttle'),
    [{ action: 'request.throttle', key: null, count: 1 }],
  )
  await assert.rejects(
    system.audit.record(denial('one more')),
    (error) => error instanceof AppError && (error.retryAfter ?? 0) >= 1,
  )
  // Another network, and a signed-in user, are not that caller.
  assert.equal(await codeOf(system.audit.record(denial('x', { ip: '192.0.2.2' }))), 'recorded')
  assert.equal(await codeOf(system.audit.record(denial('x', { userId: 'usr_a' }))), 'recorded')
})

test('the addresses of one IPv6 network are one caller', async () => {
  await using system = await open()
  const outcomes = await Promise.all(
    Array.from({ length: 1000 }, (_, i) =>
      codeOf(system.audit.record(denial(`key ${i}`, { ip: `2001:db8::${i.toString(16)}` }))),
    ),
  )
  assert.equal(outcomes.filter((code) => code === 'recorded').length, 300)
})

test('a denial that could not be recorded is none: the next is the first again', async () => {
  await using system = await open()
  await system.database.query('alter table audit_events rename to away')
  const failed = Array.from({ length: 3 }, () => codeOf(system.audit.record(denial('k'))))
  assert.deepEqual(await Promise.all(failed), ['audit-unavailable', 'audit-unavailable', 'audit-unavailable'])
  await system.database.query('alter table away rename to audit_events')
  await system.audit.record(denial('k'))
  assert.deepEqual((await system.rows())[0], { action: 'object.get', key: 'k', count: 1 })
})
