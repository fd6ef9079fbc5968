import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crumbs } from './crumbs.ts'

for (const [root, prefix, names] of [
  ['', '', []],
  ['', 'a/', ['a']],
  ['a/', 'a/b/c/', ['b', 'c']],
  ['', 'a//b/', ['a', '', 'b']],
  ['', '/', ['']],
] as const) {
  test(`from ${JSON.stringify(root)} to ${JSON.stringify(prefix)}`, () => {
    const found = crumbs(root, prefix)
    assert.deepEqual(
      found.map(({ name }) => name),
      names,
    )
    assert.equal(found.at(-1)?.prefix ?? root, prefix)
  })
}
