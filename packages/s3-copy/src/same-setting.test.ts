import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isEmptySetting, sameSetting } from './same-setting.ts'

const CASES: readonly (readonly [what: string, a: unknown, b: unknown, same: boolean])[] = [
  ['other order of fields', { a: 1, b: 2 }, { b: 2, a: 1 }, true],
  ['absent and false', { BucketKeyEnabled: false }, {}, true],
  ['absent and empty', { Rules: [{ Filter: {}, Prefix: '' }] }, { Rules: [{}] }, true],
  ['policies written otherwise', '{"a":[1, 2],"b":"x"}', '{"b":"x","a":[1,2]}', true],
  ['dates', { Date: new Date(5) }, { Date: new Date(5) }, true],
  ['absent and true', { BlockPublicAcls: true }, {}, false],
  ['other order of rules', { Rules: [{ ID: 'a' }, { ID: 'b' }] }, { Rules: [{ ID: 'b' }, { ID: 'a' }] }, false],
  ['nothing and something', undefined, { Rules: [{ ID: 'a' }] }, false],
]

for (const [what, a, b, same] of CASES) {
  test(`two settings are ${same ? 'the same' : 'different'}: ${what}`, () => {
    assert.equal(sameSetting(a, b), same)
  })
}

test('a document that says nothing is none', () => {
  for (const empty of [undefined, {}, { Role: '' }, { BlockPublicAcls: false }, []]) assert.ok(isEmptySetting(empty))
  for (const full of ['Enabled', { Rules: [{ ID: 'a' }] }, { BlockPublicAcls: true }]) assert.ok(!isEmptySetting(full))
})
