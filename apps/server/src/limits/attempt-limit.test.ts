import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { pino } from 'pino'
import { openDatabase } from '../db/open.ts'
import { type TestDatabase, testDatabase } from '../db/test-database.ts'
import { type AttemptLimit, createAttemptLimit } from './attempt-limit.ts'
import type { BucketSize } from './bucket.ts'

let database: TestDatabase
before(async () => void (database = await testDatabase()))
after(() => database[Symbol.asyncDispose]())

let limits = 0
/** A limit of its own for each test. */
const limitOf = (size: BucketSize): AttemptLimit => createAttemptLimit(database, `test ${limits++}`, size)

async function takes(limit: AttemptLimit, name: string, count: number, now: number): Promise<number[]> {
  const waits: number[] = []
  for (let i = 0; i < count; i++) waits.push(await limit.take(name, now))
  return waits
}

test('a full bucket gives its attempts, then says how long until the next', async () => {
  const limit = limitOf({ burst: 3, refillMs: 10_000 })
  assert.deepEqual(await takes(limit, 'a', 4, 0), [0, 0, 0, 10])
  assert.equal(await limit.take('a', 4_000), 6)
})

test('attempts come back one by one, and those made while there is none do not put that off', async () => {
  const limit = limitOf({ burst: 3, refillMs: 10_000 })
  await takes(limit, 'a', 3, 0)
  for (let now = 0; now < 10_000; now += 1000) assert.notEqual(await limit.take('a', now), 0)
  assert.deepEqual(await takes(limit, 'a', 2, 10_000), [0, 10])
  assert.deepEqual(await takes(limit, 'a', 2, 20_000), [0, 10])
  assert.deepEqual(await takes(limit, 'a', 4, 1_000_000), [0, 0, 0, 10], 'never more than a full bucket')
})

test('a slow trickle never empties the bucket, however long it goes on', async () => {
  const limit = limitOf({ burst: 3, refillMs: 10_000 })
  for (let i = 0; i < 100; i++) assert.equal(await limit.take('a', i * 10_000), 0)
})

test('what is given back can be taken again, but does not overfill', async () => {
  const limit = limitOf({ burst: 2, refillMs: 10_000 })
  await takes(limit, 'a', 2, 0)
  await limit.giveBack('a')
  assert.deepEqual(await takes(limit, 'a', 2, 0), [0, 10])
  for (let i = 0; i < 5; i++) await limit.giveBack('a')
  assert.deepEqual(await takes(limit, 'a', 3, 0), [0, 0, 10])
  await limit.giveBack('never seen')
  assert.deepEqual(await takes(limit, 'never seen', 3, 0), [0, 0, 10])
})

test('a refilled bucket is full, and each name and each limit has its own', async () => {
  const limit = limitOf({ burst: 2, refillMs: 10_000 })
  await takes(limit, 'a', 2, 0)
  assert.equal(await limit.take('b', 0), 0)
  assert.equal(await limitOf({ burst: 2, refillMs: 10_000 }).take('a', 0), 0)
  await limit.refill('a')
  assert.deepEqual(await takes(limit, 'a', 3, 0), [0, 0, 10])
})

test('a clock that is set back keeps nobody waiting for it', async () => {
  const limit = limitOf({ burst: 1, refillMs: 10_000 })
  await limit.take('a', 1_000_000)
  assert.equal(await limit.take('a', 0), 10)
  assert.equal(await limit.take('a', 10_000), 0)
})

test('two processes have the attempts of one', async () => {
  const size = { burst: 10, refillMs: 60_000 }
  await using other = openDatabase({ connection: database.connection, logger: pino({ level: 'silent' }) })
  const [one, two] = [database, other].map((sql) => createAttemptLimit(sql, 'shared', size)) as [
    AttemptLimit,
    AttemptLimit,
  ]
  const waits = await Promise.all(Array.from({ length: 40 }, (_, i) => (i % 2 ? one : two).take('a', 0)))
  assert.equal(waits.filter((wait) => wait === 0).length, 10)
})
