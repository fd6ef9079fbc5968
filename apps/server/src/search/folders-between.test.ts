import assert from 'node:assert/strict'
import { test } from 'node:test'
import { foldersBetween } from './folders-between.ts'

for (const [before, key, folders] of [
  ['', 'a/b/c', ['a/', 'a/b/']],
  ['a/b/c', 'a/b/d', []],
  ['a/b/c', 'a/c/d', ['a/c/']],
  ['a', 'a/', ['a/']],
  ['a/', 'a/b', []],
  ['ab/c', 'abc/d', ['abc/']],
  ['', 'a', []],
  ['', '/x', ['/']],
] as const) {
  test(`between ${before} and ${key} begin ${folders.join(' ') || 'none'}`, () =>
    assert.deepEqual(foldersBetween(before, key), folders))
}
