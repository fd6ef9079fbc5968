import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAttemptLimit } from './attempt-limit.ts'

const takes = (limit: ReturnType<typeof createAttemptLimit>, name: string, count: number, now: number): number[] =>
  Array.from({ length: count }, () => limit.take(name, now))

test('a full bucket gives its attempts, then says how long until the next', () => {
  const limit = createAttemptLimit(3, 10_000)
  assert.deepEqual(takes(limit, 'a', 4, 0), [0, 0, 0, 10])
  assert.equal(limit.take('a', 4_000), 6)
})

test('attempts come back one by one, and those made while there is none do not put that off', () => {
  const limit = createAttemptLimit(3, 10_000)
  takes(limit, 'a', 3, 0)
  for (let now = 0; now < 10_000; now += 100) assert.notEqual(limit.take('a', now), 0)
  assert.deepEqual(takes(limit, 'a', 2, 10_000), [0, 10])
  assert.deepEqual(takes(limit, 'a', 2, 20_000), [0, 10])
  assert.deepEqual(takes(limit, 'a', 4, 1_000_000), [0, 0, 0, 10], 'never more than a full bucket')
})

test('a slow trickle never empties the bucket, however long it goes on', () => {
  const limit = createAttemptLimit(3, 10_000)
  for (let i = 0; i < 1000; i++) assert.equal(limit.take('a', i * 10_000), 0)
})

test('what is given back can be taken again, but does not overfill', () => {
  const limit = createAttemptLimit(2, 10_000)
  takes(limit, 'a', 2, 0)
  limit.giveBack('a')
  assert.deepEqual(takes(limit, 'a', 2, 0), [0, 10])
  for (let i = 0; i < 5; i++) limit.giveBack('a')
  assert.deepEqual(takes(limit, 'a', 3, 0), [0, 0, 10])
  limit.giveBack('never seen')
  assert.deepEqual(takes(limit, 'never seen', 3, 0), [0, 0, 10])
})

test('a refilled bucket is full, and each name has its own', () => {
  const limit = createAttemptLimit(2, 10_000)
  takes(limit, 'a', 2, 0)
  assert.equal(limit.take('b', 0), 0)
  limit.refill('a')
  assert.deepEqual(takes(limit, 'a', 3, 0), [0, 0, 10])
})

test('a clock that is set back keeps nobody waiting for it', () => {
  const limit = createAttemptLimit(1, 10_000)
  limit.take('a', 1_000_000)
  assert.equal(limit.take('a', 0), 10)
  assert.equal(limit.take('a', 10_000), 0)
})

test('names are bounded: the one not asked for the longest goes first', () => {
  const limit = createAttemptLimit(1, 10_000)
  limit.take('old', 0)
  limit.take('asked for again', 0)
  for (let i = 0; i < 49_990; i++) limit.take(`n${i}`, 0)
  assert.equal(limit.take('asked for again', 0), 10)
  for (let i = 0; i < 20; i++) limit.take(`m${i}`, 0)
  assert.equal(limit.take('asked for again', 0), 10)
  assert.equal(limit.take('old', 0), 0)
})
