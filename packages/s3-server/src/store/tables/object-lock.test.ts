import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultRetention, isLocked, mayRetain } from './object-lock.ts'
import type { Retention, VersionLock } from './object-lock.ts'

const NOW = 1000
const PLAIN = { now: NOW, bypassGovernance: false }
const BYPASS = { now: NOW, bypassGovernance: true }
const governance = (until: number): Retention => ({ mode: 'GOVERNANCE', until })
const compliance = (until: number): Retention => ({ mode: 'COMPLIANCE', until })

const LOCKED: readonly (readonly [name: string, lock: VersionLock, plain: boolean, bypass: boolean])[] = [
  ['nothing', {}, false, false],
  ['a legal hold', { legalHold: 'ON' }, true, true],
  ['a legal hold that is off', { legalHold: 'OFF' }, false, false],
  ['governance', { retention: governance(NOW + 1) }, true, false],
  ['governance that is over', { retention: governance(NOW) }, false, false],
  ['compliance', { retention: compliance(NOW + 1) }, true, true],
  ['a legal hold beside governance', { retention: governance(NOW + 1), legalHold: 'ON' }, true, true],
]

for (const [name, lock, plain, bypass] of LOCKED) {
  test(`${name} locks: ${plain}, with the right to bypass governance: ${bypass}`, () => {
    assert.equal(isLocked(lock, PLAIN), plain)
    assert.equal(isLocked(lock, BYPASS), bypass)
  })
}

type Change = readonly [name: string, old: Retention | undefined, wanted: Retention | undefined, boolean, boolean]
const CHANGES: readonly Change[] = [
  ['a first retention', undefined, compliance(NOW + 9), true, true],
  ['shorter governance', governance(NOW + 9), governance(NOW + 8), false, true],
  ['longer governance', governance(NOW + 9), governance(NOW + 10), true, true],
  ['no more governance', governance(NOW + 9), undefined, false, true],
  ['governance made compliance', governance(NOW + 9), compliance(NOW + 9), false, true],
  ['longer compliance', compliance(NOW + 9), compliance(NOW + 10), true, true],
  ['shorter compliance', compliance(NOW + 9), compliance(NOW + 8), false, false],
  ['compliance made governance', compliance(NOW + 9), governance(NOW + 10), false, false],
  ['no more compliance', compliance(NOW + 9), undefined, false, false],
  ['anything after compliance is over', compliance(NOW), undefined, true, true],
]

for (const [name, old, wanted, plain, bypass] of CHANGES) {
  test(`${name} is allowed: ${plain}, with the right to bypass governance: ${bypass}`, () => {
    assert.equal(mayRetain(old, wanted, PLAIN), plain)
    assert.equal(mayRetain(old, wanted, BYPASS), bypass)
  })
}

test('a default retention counts days, and years as calendars do', () => {
  const now = Date.UTC(2024, 1, 1)
  const rule = (unit: 'Days' | 'Years', count: number) =>
    ({ defaultRetention: { mode: 'GOVERNANCE', unit, count } }) as const
  assert.equal(defaultRetention({}, now), undefined)
  assert.equal(defaultRetention(rule('Days', 2), now)?.until, Date.UTC(2024, 1, 3))
  assert.equal(defaultRetention(rule('Years', 1), now)?.until, Date.UTC(2025, 1, 1))
})
