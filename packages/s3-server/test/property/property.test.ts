import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runProperty } from './run-property.ts'

// A new seed each time; a difference tells the one to repeat it with.
const seed = String(Date.now())

for (const [clients, operations, losesPower] of [
  [1, 500, false],
  [16, 1200, false],
  [4, 400, true],
] as const) {
  const what = losesPower ? 'losses of power' : 'crashes'
  test(`random operations of ${clients} clients with ${what} differ in nothing from the model`, async () => {
    const report = await runProperty({ seed, clients, operations, losesPower })
    assert.equal(report.undecided, 0)
    assert.ok(report.kills > 0, 'nothing was killed')
  })
}
