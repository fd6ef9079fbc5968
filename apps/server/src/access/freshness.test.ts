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
