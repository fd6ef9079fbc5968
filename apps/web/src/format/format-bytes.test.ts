import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatBytes } from './format-bytes.ts'

for (const [bytes, text] of [
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 KB'],
  [1549, '1.5 KB'],
  [99_949, '99.9 KB'],
  [99_950, '100 KB'],
  [999_499, '999 KB'],
  [999_500, '1.0 MB'],
  [5_368_709_120, '5.4 GB'],
  [2e18, '2000 PB'],
] as const) {
  test(`${bytes} bytes are shown as ${text}`, () => assert.equal(formatBytes(bytes), text))
}
