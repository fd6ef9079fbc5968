import assert from 'node:assert/strict'
import { test } from 'node:test'
import { filterOf, parsePermissionSearch } from './permission-search.ts'
import { principalId, principalOf } from './principal-id.ts'

for (const [what, given, expected] of [
  ['nothing', {}, {}],
  ['every filter', { kind: 'group', bucket: 'b', prefix: 'a' }, { kind: 'group', bucket: 'b', prefix: 'a' }],
  ['a kind that is none', { kind: 'toString' }, {}],
  ['a prefix without a bucket', { prefix: 'a/' }, {}],
  ['a principal that is none', { principal: 'somebody' }, {}],
  ['what no database can hold', { bucket: 'a\0', prefix: 'a\ud800' }, {}],
  ['what is no text', { bucket: 7, principal: ['user:usr_1'] }, {}],
] as const) {
  test(`${what} in the address gives ${JSON.stringify(expected)}`, () =>
    assert.deepEqual(parsePermissionSearch(given), expected))
}

test('a principal is the same in the address and out of it', () => {
  for (const principal of [
    { kind: 'user', userId: 'usr_1' },
    { kind: 'group', group: 'a:"b",c' },
    { kind: 'group', group: 'a', issuer: 'https://issuer.example/' },
    { kind: 'everyone' },
    { kind: 'guest' },
  ] as const) {
    assert.deepEqual(principalOf(principalId(principal)), principal)
  }
  for (const id of ['', 'user:', 'group:', 'group:[]', 'group:[1]', 'group:["a",""]', 'group:["a","b","c"]', 'all']) {
    assert.equal(principalOf(id), undefined, id)
  }
  assert.deepEqual(filterOf({ principal: 'group:["a"]', bucket: 'b' }), { group: 'a', bucket: 'b' })
  assert.deepEqual(filterOf({ principal: 'user:usr_1', kind: 'user' }), { userId: 'usr_1', kind: 'user' })
})
