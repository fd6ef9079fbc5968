import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { testDatabase } from '../db/test-database.ts'
import { watchFreshness } from './freshness.ts'

const logger = pino({ level: 'silent' })

test('freshness is proven by hearing oneself, and ends when nothing is heard any more', async () => {
  await using database = await testDatabase()
  let now = 0
  await using freshness = await watchFreshness(database, logger, () => now)
  for (let i = 0; i < 200 && !freshness.isFresh(); i++) await sleep(10)
  assert.ok(freshness.isFresh())
  now += 5999
  assert.ok(freshness.isFresh())
  now += 1
  assert.ok(!freshness.isFresh())
})

test('a listener that hears nothing never counts as fresh', async () => {
  await using database = await testDatabase()
  const deaf = { ...database, listen: () => Promise.resolve({ [Symbol.asyncDispose]: () => Promise.resolve() }) }
  await using freshness = await watchFreshness(deaf, logger, () => performance.now())
  await sleep(100)
  assert.ok(!freshness.isFresh())
})

/** Until something holds, in turns of the event loop. */
async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !condition(); i++) await sleep(10)
  assert.ok(condition())
}

test('what was taken away is settled once every process has heard of it', async () => {
  await using database = await testDatabase()
  const clock = (): number => performance.now()
  await using one = await watchFreshness(database, logger, clock)
  await using other = await watchFreshness(database, logger, clock)
  await until(() => one.isFresh() && other.isFresh())
  const heard: string[] = []
  await using _listener = await database.listen(
    'changes',
    (change) => void heard.push(change),
    () => undefined,
  )
  for (let round = 0; round < 50; round++) {
    await database.query(`select pg_notify('changes', $1)`, [String(round)])
    await one.settled()
    assert.equal(heard.at(-1), String(round))
  }
})

test('a process that hears nothing any more is waited for until it believes nothing', async () => {
  await using database = await testDatabase()
  let isDeaf = false
  const deaf: typeof database = {
    ...database,
    listen: (channel, onNotify, onGap) =>
      database.listen(channel, (payload) => (isDeaf ? undefined : onNotify(payload)), onGap),
  }
  const clock = (): number => performance.now()
  await using one = await watchFreshness(database, logger, clock)
  await using other = await watchFreshness(deaf, logger, clock)
  await until(() => one.isFresh() && other.isFresh())
  isDeaf = true
  await one.settled()
  assert.ok(!other.isFresh(), 'the other process might still grant what was taken away')
  assert.ok(one.isFresh())
})

test('a process that ended is not waited for', async () => {
  await using database = await testDatabase()
  await using one = await watchFreshness(database, logger, () => performance.now())
  const other = await watchFreshness(database, logger, () => performance.now())
  await until(() => one.isFresh() && other.isFresh())
  await other[Symbol.asyncDispose]()
  assert.deepEqual((await database.query('select 1 from live_processes')).length, 1)
  await one.settled()
})
