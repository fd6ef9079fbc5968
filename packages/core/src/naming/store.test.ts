import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_STORE, parseStoreId } from './store.ts'

test('a store id is 1 to 32 lower-case letters, digits and hyphens', () => {
  for (const text of [DEFAULT_STORE, 'a', '0', 'ceph-2', 'x'.repeat(32)]) assert.equal(parseStoreId(text), text)
  for (const text of ['', 'A', 'a b', '-a', 'a/b', 'a\n', 'é', 'x'.repeat(33)]) {
    assert.equal(parseStoreId(text), undefined, text)
  }
})
