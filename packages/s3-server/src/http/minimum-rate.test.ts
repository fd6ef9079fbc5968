import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MinimumRate } from './minimum-rate.ts'

test('a client is measured each time that a window of waiting is over, and each window alone', () => {
  const cases: [name: string, pieces: [waited: number, bytes: number][], fastEnough: boolean[]][] = [
    ['one byte a second', Array.from({ length: 10 }, () => [1000, 1]), [...Array<boolean>(9).fill(true), false]],
    ['just enough', Array.from({ length: 10 }, () => [1000, 100]), Array<boolean>(10).fill(true)],
    [
      'no waiting',
      [
        [0, 1],
        [0, 0],
        [0, 1],
      ],
      [true, true, true],
    ],
    [
      'much at first, then a trickle',
      [
        [10_000, 1_000_000],
        [9000, 10],
        [1000, 10],
      ],
      [true, true, false],
    ],
  ]
  for (const [name, pieces, fastEnough] of cases) {
    const rate = new MinimumRate({ bytesPerSecond: 100, window: 10_000 })
    assert.deepEqual(
      pieces.map(([waited, bytes]) => rate.take(waited, bytes)),
      fastEnough,
      name,
    )
  }
})
