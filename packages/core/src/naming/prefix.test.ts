import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePrefix } from './prefix.ts'

test('the whole bucket and folders are prefixes', () => {
  for (const prefix of ['', 'a/', 'a/b/', 'été/', 'private/${user.id}/']) {
    assert.deepEqual(parsePrefix(prefix), { ok: true, prefix })
  }
})

test('what does not end at a folder boundary, or holds an empty or dot segment, is none', () => {
  for (const prefix of ['a', 'a/b', '/', '/a/', 'a//', 'a//b/', '../', 'a/../', './', 'a\\/', 'a\0/']) {
    assert.equal(parsePrefix(prefix).ok, false, prefix)
  }
})
