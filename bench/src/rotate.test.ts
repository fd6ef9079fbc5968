import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rotate } from './rotate.ts'

test('each item is first as often as any other, and none is left out', () => {
  const rounds = Array.from({ length: 6 }, (_, round) => rotate(['a', 'b', 'c'], round).join(''))
  assert.deepEqual(rounds, ['abc', 'bca', 'cab', 'abc', 'bca', 'cab'])
  assert.deepEqual(rotate([], 3), [])
})
