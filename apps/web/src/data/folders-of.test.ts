import assert from 'node:assert/strict'
import { test } from 'node:test'
import { foldersOf } from './folders-of.ts'

for (const [key, folders] of [
  ['a.txt', ['']],
  ['a/b/c.txt', ['a/b/', 'a/', '']],
  ['/a', ['/', '']],
  ['a//b', ['a//', 'a/', '']],
  ['a/b/', ['a/', '']],
] as const) {
  test(`${JSON.stringify(key)} lies in ${JSON.stringify(folders)}`, () => assert.deepEqual(foldersOf(key), folders))
}
