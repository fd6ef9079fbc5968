import assert from 'node:assert/strict'
import { test } from 'node:test'
import { partsAtOnce } from './parts-at-once.ts'

const MIB = 1024 ** 2
for (const [size, expected] of [
  [16 * MIB, 2],
  [400 * MIB, 2],
  [480 * MIB, 3],
  [1000 * MIB, 4],
  [64_000 * MIB, 4],
] as const) {
  test(`${expected} parts of a file of ${size / MIB} MiB are sent at once`, () =>
    assert.equal(partsAtOnce(size, 8 * MIB), expected))
}
