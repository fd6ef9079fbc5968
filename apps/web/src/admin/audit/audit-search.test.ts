import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAuditSearch } from './audit-search.ts'

for (const [what, given, expected] of [
  ['nothing', {}, {}],
  ['every filter', { action: 'object.get', outcome: 'deny' }, { action: 'object.get', outcome: 'deny' }],
  ['an outcome that is none', { outcome: 'toString' }, {}],
  ['an action that is none', { action: 'object.fly' }, {}],
  ['times', { from: '2026-01-02T03:04:05+01:00', to: 'soon' }, { from: '2026-01-02T02:04:05.000Z' }],
  ['texts', { userId: 'usr_1', bucket: 'b', prefix: '', requestId: 'x'.repeat(65) }, { userId: 'usr_1', bucket: 'b' }],
  ['what it does not know', { colour: 'red', outcome: 'allow' }, { outcome: 'allow' }],
] as const) {
  test(`${what} in the address gives ${JSON.stringify(expected)}`, () =>
    assert.deepEqual(parseAuditSearch(given), expected))
}
