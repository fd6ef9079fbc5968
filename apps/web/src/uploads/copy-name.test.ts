import assert from 'node:assert/strict'
import { test } from 'node:test'
import { copyName } from './copy-name.ts'

for (const [path, count, expected] of [
  ['report.pdf', 1, 'report (1).pdf'],
  ['a.b/report', 2, 'a.b/report (2)'],
  ['photos/img.tar.gz', 1, 'photos/img.tar (1).gz'],
  ['.profile', 1, '.profile (1)'],
  ['a/.profile', 3, 'a/.profile (3)'],
] as const) {
  test(`${path} is copied as ${expected}`, () => assert.equal(copyName(path, count), expected))
}
