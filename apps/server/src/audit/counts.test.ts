import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { addCounts, encodeCounts } from './counts.ts'

test('what was encoded is added up again, whatever the numbers', () => {
  const number = fc.integer({ min: 1, max: 5000 })
  const count = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 2 ** 45 }))
  fc.assert(
    fc.property(fc.array(fc.dictionary(number.map(String), count), { maxLength: 5 }), (days) => {
      const sums = new Float64Array(5001)
      const expected = new Float64Array(5001)
      for (const day of days) {
        const pairs = Object.entries(day).map(([no, n]) => [Number(no), n] as const)
        pairs.sort(([a], [b]) => a - b)
        addCounts(encodeCounts(pairs), sums)
        for (const [no, n] of pairs) expected[no]! += n
      }
      assert.deepEqual(sums, expected)
    }),
  )
})
