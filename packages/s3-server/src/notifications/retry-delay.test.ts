import assert from 'node:assert/strict'
import { test } from 'node:test'
import { retryDelay } from './retry-delay.ts'

test('waits double, up to a bound, and chance takes up to a half off', () => {
  const pace = { first: 1000, most: 300_000 }
  const waits = [1, 2, 3, 8, 9, 10, 5000].map((failures) => retryDelay(failures, pace, 0))
  assert.deepEqual(waits, [1000, 2000, 4000, 128_000, 256_000, 300_000, 300_000])
  assert.equal(retryDelay(3, pace, 1), 2000)
  assert.equal(retryDelay(5000, pace, 0.5), 225_000)
})
