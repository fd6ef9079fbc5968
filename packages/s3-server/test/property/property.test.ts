import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runProperty } from './run-property.ts'

// A new seed each time; a difference tells the one to repeat it with.
const seed = String(Date.now())

for (const [clients, operations] of [
  [1, 900],
  [16, 2100],
] as const) {
  test(`random operations of ${clients} clients with crashes differ in nothing from the model`, async () => {
    const report = await runProperty({ seed, clients, operations })
    assert.equal(report.undecided, 0)
    assert.ok(report.kills > 0, 'nothing was killed')
  })
}
