import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runProperty } from './run-property.ts'

// A new seed each time; a difference tells the one to repeat it with.
const seed = String(Date.now())

let kills = 0

for (const [clients, operations, losesPower] of [
  [1, 800, false],
  [16, 1200, false],
  [4, 800, true],
] as const) {
  const what = losesPower ? 'losses of power' : 'crashes'
  test(`random operations of ${clients} clients with ${what} differ in nothing from the model`, async () => {
    const report = await runProperty({ seed, clients, operations, losesPower })
    assert.equal(report.undecided, 0)
    kills += report.kills
  })
}

// Of one run alone chance may have it that none came.
test('there were crashes among them', () => {
  assert.ok(kills > 0)
})
