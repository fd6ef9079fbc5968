import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testDatabase } from '../db/test-database.ts'
import { createSharedLimit } from './shared-limit.ts'

const NOW = 1_800_000_000_000
const SIZE = { burst: 100, refillMs: 1000 }

const takes = (limit: ReturnType<typeof createSharedLimit>, name: string, count: number, now = NOW): number =>
  Array.from({ length: count }, () => limit.take(name, now)).filter((wait) => wait === 0).length

test('a bucket gives its tokens and refills one by one, each name its own', async () => {
  await using database = await testDatabase()
  const limit = createSharedLimit(database, 'requests', SIZE)
  assert.equal(takes(limit, 'a', 150), 100)
  assert.equal(limit.take('a', NOW), 1)
  assert.equal(takes(limit, 'b', 1), 1)
  assert.equal(takes(limit, 'a', 150, NOW + 10_000), 10)
})

test('what one process handed out is taken from the others at the next settlement', async () => {
  await using database = await testDatabase()
  const [one, two] = [createSharedLimit(database, 'r', SIZE), createSharedLimit(database, 'r', SIZE)]
  assert.equal(takes(one, 'a', 60), 60)
  assert.equal(takes(two, 'a', 10), 10)
  await one.settle(NOW)
  await two.settle(NOW)
  assert.equal(takes(two, 'a', 100), 30)
  await two.settle(NOW)
  await one.settle(NOW)
  // Nothing was taken here since, so nothing is asked: the next few are this process's own.
  assert.ok(takes(one, 'a', 40) <= 40)
  await one.settle(NOW)
  assert.equal(takes(one, 'a', 10), 0)
})

test('what is taken while a settlement is under way is not forgotten', async () => {
  await using database = await testDatabase()
  const limit = createSharedLimit(database, 'r', SIZE)
  takes(limit, 'a', 50)
  const settling = limit.settle(NOW)
  takes(limit, 'a', 30)
  await settling
  assert.equal(takes(limit, 'a', 100), 20)
})

test('whoever uses little costs the database nothing, and a database that is away limits no less', async () => {
  let statements = 0
  const away = {
    query(): Promise<never> {
      statements++
      return Promise.reject(new Error('away'))
    },
  }
  const limit = createSharedLimit(away, 'r', SIZE)
  for (let i = 0; i < 1000; i++) limit.take(`user ${i}`, NOW)
  await limit.settle(NOW)
  assert.equal(statements, 0)
  assert.equal(takes(limit, 'a', 120), 100)
  await assert.rejects(limit.settle(NOW))
  assert.equal(takes(limit, 'a', 10), 0)
})
