import assert from 'node:assert/strict'
import { test } from 'node:test'
import { afterPrefix, compareKeys } from './key-order.ts'

test('what comes after a prefix is the next text of its length or shorter, by code points', () => {
  for (const [prefix, after] of [
    ['a', 'b'],
    ['folder/', 'folder0'],
    ['é', 'ê'],
    ['\ud7ff', '\ue000'],
    ['\uffff', '\u{10000}'],
    ['😀', '😁'],
    ['x\u{103ff}', 'x\u{10400}'],
    ['a\u{10ffff}', 'b'],
    ['a\u{10ffff}\u{10ffff}', 'b'],
    ['\u{10ffff}', undefined],
    ['', undefined],
  ] as const) {
    assert.equal(afterPrefix(prefix), after)
    if (after !== undefined) assert.ok(compareKeys(`${prefix}\u{10ffff}`, after) < 0, prefix)
  }
})
