import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatDuration } from './format-duration.ts'

for (const [seconds, text] of [
  [0, 'less than a minute'],
  [44, 'less than a minute'],
  [45, '1 min'],
  [3569, '59 min'],
  [3600, '1 h 0 min'],
  [7800, '2 h 10 min'],
  [200_000, '2 days'],
] as const) {
  test(`${seconds} s are told as ${text}`, () => assert.equal(formatDuration(seconds), text))
}
