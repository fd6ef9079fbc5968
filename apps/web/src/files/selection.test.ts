import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NOTHING_SELECTED, selectAll, selectOnly, selectRange, stillSelected, toggleRow } from './selection.ts'

const ORDER = ['a', 'b', 'c', 'd', 'e']
const keys = (of: { keys: ReadonlySet<string> }): string[] => [...of.keys]

test('a range goes from where it began, in both directions, and can be drawn anew', () => {
  const begun = selectOnly('c')
  assert.deepEqual(keys(selectRange(begun, 'e', ORDER)), ['c', 'd', 'e'])
  assert.deepEqual(keys(selectRange(selectRange(begun, 'e', ORDER), 'a', ORDER)), ['a', 'b', 'c'])
  assert.deepEqual(keys(selectRange(NOTHING_SELECTED, 'b', ORDER)), ['b'])
  assert.deepEqual(keys(selectRange({ keys: new Set(), anchor: 'gone' }, 'b', ORDER)), ['b'])
})

test('a row joins and leaves, and the next range begins at it', () => {
  const two = toggleRow(selectOnly('a'), 'd')
  assert.deepEqual(keys(two), ['a', 'd'])
  assert.deepEqual(keys(toggleRow(two, 'a')), ['d'])
  assert.deepEqual(keys(selectRange(two, 'e', ORDER)), ['d', 'e'])
})

test('what is gone is not selected any more', () => {
  const all = selectAll(ORDER)
  assert.equal(stillSelected(all, new Set(ORDER)), all)
  assert.deepEqual(keys(stillSelected(all, new Set(['b', 'e']))), ['b', 'e'])
  assert.equal(stillSelected(all, new Set(['b'])).anchor, undefined)
})
