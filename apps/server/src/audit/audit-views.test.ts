import assert from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { createId } from '@skycrate/core/naming/id'
import { pino } from 'pino'
import { testDatabase } from '../db/test-database.ts'
import { readCsv } from '../csv/read-csv.ts'
import type { NewAuditEvent } from './audit-event.ts'
import { exportAuditEvents } from './audit-export.ts'
import { readAuditEvents } from './audit-reader.ts'
import { readAuditStats, readUserStats } from './audit-stats.ts'
import { createAuditLog } from './audit-writer.ts'
import { createPartitionsAhead, dropExpired } from './partitions.ts'
import { DAY_MS, sumDays } from './sum-days.ts'

const logger = pino({ level: 'silent' })
const TODAY = Math.floor(Date.now() / DAY_MS) * DAY_MS
const BY_NOBODY = { requestId: 'req_1', ip: null, userAgent: null, door: 'rest' } as const

async function open() {
  const stack = new AsyncDisposableStack()
  const database = stack.use(await testDatabase())
  let time = TODAY
  const audit = createAuditLog({ sql: database.hot, logger, now: () => time })
  return {
    database,
    audit,
    at: (ms: number) => void (time = ms),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

const get = (userId: 'usr_a' | 'usr_b' | 'usr_c', bucket: string, more: Partial<NewAuditEvent> = {}): NewAuditEvent =>
  ({
    action: 'object.get',
    outcome: 'allow',
    userId,
    bucket,
    key: 'k',
    reason: null,
    origin: BY_NOBODY,
    ...more,
  }) as NewAuditEvent

test('numbers are exact before a day is summed, after it, and after events came late', async () => {
  await using system = await open()
  const { database, audit } = system
  const range = { from: TODAY - 5 * DAY_MS + 3_600_000, to: TODAY + DAY_MS }
  const users = ['usr_a', 'usr_b', 'usr_c'] as const
  for (let day = -6; day <= 0; day++) {
    system.at(TODAY + day * DAY_MS + 1_800_000)
    for (let i = 0; i < 40; i++) {
      // The first event of each day is outside of a range that begins an hour into the first.
      if (i === 1) system.at(TODAY + day * DAY_MS + 7_200_000)
      await audit.record(
        get(users[(i * i + day + 6) % 3]!, `b${i % 4}`, i % 5 ? {} : { outcome: 'deny', reason: 'expired' }),
      )
    }
  }
  await audit.record(get('usr_c', 'b3', { outcome: 'deny', reason: 'expired', count: 1000 }))
  const live = await readAuditStats(database, range)
  assert.equal(live.total, 6 * 40 - 1 + 1000)
  assert.deepEqual(live.topUsers[0]?.userId, 'usr_c')
  await sumDays(database, TODAY + 3_600_000 * 3)
  const [summed] = await database.query<{ days: number }>('select count(*)::int as days from audit_days')
  assert.equal(summed?.days, 6)
  assert.deepEqual(await readAuditStats(database, range), live)

  // What is added to a day that is summed counts at once, and still does once the day is summed anew.
  system.at(TODAY - 3 * DAY_MS + 7_200_000)
  for (let i = 0; i < 7; i++) await audit.record(get('usr_a', 'b9'))
  const late = await readAuditStats(database, range)
  assert.equal(late.total, live.total + 7)
  assert.deepEqual(
    late.topBuckets.find(({ bucket }) => bucket === 'b9'),
    { bucket: 'b9', count: 7 },
  )
  await sumDays(database, TODAY + 3_600_000 * 3)
  assert.deepEqual(await database.query('select day from audit_late where day < $1', [new Date(TODAY)]), [])
  assert.deepEqual(await readAuditStats(database, range), late)
  const own = await readUserStats(database, 'usr_a', range)
  assert.equal(own.total, late.topUsers.find(({ userId }) => userId === 'usr_a')?.count)
})

test('numbers are exact while a day is summed in part, whatever time they are asked for', async () => {
  await using system = await open()
  const { database, audit } = system
  const hour = 3_600_000
  const yesterday = TODAY - DAY_MS
  for (const [at, user, bucket] of [
    [1, 'usr_a', 'b1'],
    [1, 'usr_b', 'b1'],
    [12, 'usr_a', 'b2'],
    [21, 'usr_b', 'b1'],
    [23, 'usr_c', 'b2'],
  ] as const) {
    system.at(yesterday + at * hour)
    for (let i = 0; i <= at; i++) await audit.record(get(user, bucket))
  }
  const ranges = [0, 2].flatMap((from) =>
    [12, 22, 23, 24, 30].map((to) => ({ from: yesterday + from * hour, to: yesterday + to * hour })),
  )
  const numbers = () => Promise.all(ranges.map((range) => readAuditStats(database, range)))
  const summedUntil = async () =>
    (
      await database.query<{ until: Date | null }>('select until from audit_days where day = $1', [new Date(yesterday)])
    ).map(({ until }) => until?.getTime())
  const live = await numbers()
  assert.equal(live.at(-6)?.total, 2 + 2 + 13 + 22 + 24)

  await sumDays(database, TODAY + hour)
  assert.deepEqual(await summedUntil(), [yesterday + 22 * hour])
  assert.deepEqual(await numbers(), live)

  system.at(yesterday + 3 * hour)
  for (let i = 0; i < 50; i++) await audit.record(get('usr_c', 'b9'))
  const late = await numbers()
  assert.equal(late[0]!.total, live[0]!.total + 50)
  await sumDays(database, TODAY + hour)
  assert.deepEqual(await database.query('select day from audit_late where day = $1', [new Date(yesterday)]), [])
  assert.deepEqual(await summedUntil(), [yesterday + 22 * hour])
  assert.deepEqual(await numbers(), late)

  await sumDays(database, TODAY + 3 * hour)
  assert.deepEqual(await summedUntil(), [undefined])
  assert.deepEqual(await numbers(), late)
})

test('each filter finds what it names and nothing else, alone and with others, over all pages', async () => {
  await using system = await open()
  const { database, audit } = system
  const events: NewAuditEvent[] = []
  for (let i = 0; i < 120; i++) {
    events.push(
      get((['usr_a', 'usr_b', 'usr_c'] as const)[i % 3]!, `b${i % 2}`, {
        ...(i % 7 ? {} : { action: 'object.put' }),
        ...(i % 5 ? {} : { outcome: 'deny', reason: 'expired' }),
        key: `${i % 4 ? 'reports' : 'private'}/${i}`,
        targetUserId: i % 11 ? null : 'usr_b',
        origin: { ...BY_NOBODY, requestId: `req_${i % 60}`, door: i % 13 ? 'rest' : 'process' },
      } as Partial<NewAuditEvent>),
    )
  }
  for (const event of events) await audit.record(event)
  const keysOf = async (filter: object): Promise<string[]> => {
    const keys: string[] = []
    let cursor: string | undefined
    do {
      const page = await readAuditEvents(database, { ...filter, limit: 7, cursor })
      keys.push(...page.events.map(({ key }) => key!))
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    return keys
  }
  const filters: [object, (event: NewAuditEvent) => boolean][] = [
    [{ userId: 'usr_b' }, (event) => event.userId === 'usr_b'],
    [{ targetUserId: 'usr_b' }, (event) => event.targetUserId === 'usr_b'],
    [{ bucket: 'b1' }, (event) => event.bucket === 'b1'],
    [{ prefix: 'private/' }, (event) => event.key!.startsWith('private/')],
    [{ prefix: 'private/1%' }, () => false],
    [{ action: 'object.put' }, (event) => event.action === 'object.put'],
    [{ outcome: 'deny' }, (event) => event.outcome === 'deny'],
    [{ outcome: 'allow' }, (event) => event.outcome === 'allow'],
    [{ requestId: 'req_7' }, (event) => event.origin.requestId === 'req_7'],
    [{ door: 'process' }, (event) => event.origin.door === 'process'],
  ]
  for (const [one, isOne] of filters) {
    for (const [two, isTwo] of filters) {
      const expected = events.filter((event) => {
        const same = Object.keys(one).some((name) => name in two)
        return isTwo(event) && (same || isOne(event))
      })
      assert.deepEqual(
        await keysOf({ ...one, ...two }),
        expected.map(({ key }) => key).toReversed(),
        JSON.stringify({ ...one, ...two }),
      )
    }
  }
})

test('an export holds every event, whatever its texts are, and a spreadsheet runs none of them', async () => {
  await using system = await open()
  const keys = ['=cmd|1', '+1', '-1', '@x', '\t=1', '\r=1', 'a "quoted", key\nwith lines', 'plain']
  for (const key of keys) await system.audit.record(get('usr_a', 'b', { key }))
  for (let i = 0; i < 2500; i++) void system.audit.record(get('usr_b', 'b'))
  await system.audit.drain()
  const lines = (await text(exportAuditEvents(system.database, {}, 'jsonl'))).trimEnd().split('\n')
  assert.equal(lines.length, 2508)
  assert.equal((JSON.parse(lines.at(-1)!) as { key: string }).key, '=cmd|1')
  const csv = await text(exportAuditEvents(system.database, { userId: 'usr_a' }, 'csv'))
  const { records, mistakes } = readCsv(Buffer.from(csv))
  assert.deepEqual(mistakes, [])
  const column = records[0]!.cells.indexOf('key')
  assert.deepEqual(
    records
      .slice(1)
      .map(({ cells }) => cells[column])
      .toReversed(),
    keys,
  )
  assert.doesNotMatch(csv, /(?:^|,)"?[=+@\t\r-]/)
})

test('an expired month goes at once and as an event; a month that has not wholly expired stays', async () => {
  await using system = await open()
  const { database, audit } = system
  const today = new Date()
  const month = (ahead: number): number => Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + ahead, 15)
  for (let ahead = 0; ahead <= 4; ahead++) await createPartitionsAhead(database, month(ahead))
  for (const ahead of [0, 1, 2, 4]) {
    system.at(month(ahead))
    await audit.record(get('usr_a', `b${ahead}`))
  }
  const now = month(4) + DAY_MS
  system.at(now)
  await dropExpired({ database, audit, logger, now, days: 0 })
  assert.equal((await readAuditEvents(database, { limit: 10 })).events.length, 4)
  const days = Math.ceil((now - month(2)) / DAY_MS)
  await dropExpired({ database, audit, logger, now, days })
  const { events } = await readAuditEvents(database, { limit: 10 })
  assert.deepEqual(
    events.filter(({ bucket }) => bucket !== null).map(({ bucket }) => bucket),
    ['b4', 'b2'],
  )
  const expiry = events.find(({ action }) => action === 'audit.expire')
  assert.equal(expiry?.door, 'process')
  assert.equal(expiry?.detail?.['events'], 2)
})

test('what a clock that is ahead recorded moves to its month, and is never refused', async () => {
  await using system = await open()
  const { database, audit } = system
  const ahead = Date.now() + 200 * DAY_MS
  system.at(ahead)
  await audit.record(get('usr_a', 'ahead'))
  const partOf = () => database.query<{ part: string }>('select tableoid::regclass::text as part from audit_events')
  assert.deepEqual(await partOf(), [{ part: 'audit_events_default' }])
  await createPartitionsAhead(database, ahead)
  assert.deepEqual(await partOf(), [
    { part: `audit_events_${new Date(ahead).toISOString().slice(0, 7).replace('-', '_')}` },
  ])
  assert.ok(createId('evt', ahead, new Uint8Array(10)) <= (await readAuditEvents(database, { limit: 1 })).events[0]!.id)
})
