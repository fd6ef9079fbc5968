import assert from 'node:assert/strict'
import { test } from 'node:test'
import { folded, nameOfKey, patternsOf } from './folded.ts'

for (const [key, name] of [
  ['a/b/report.pdf', 'report.pdf'],
  ['report.pdf', 'report.pdf'],
  ['a/b/', 'b'],
  ['a//', ''],
  ['/', ''],
] as const) {
  test(`${key} is named ${name}`, () => assert.equal(nameOfKey(key), name))
}

test('case and forms of Unicode make no difference', () => {
  assert.equal(folded('E\u0301TE\u0301'), folded('été'))
})

test('each word is looked for, and no sign of it is a wildcard', () => {
  assert.deepEqual(patternsOf('  Annual 100%_\\ ab '), [['%annual%'], ['%100\\%\\_\\\\%'], ['ab%', '% ab%']])
  assert.deepEqual(patternsOf('日本 %'), [['%日本%'], ['%\\%%']])
  assert.deepEqual(patternsOf(' '), [])
})
