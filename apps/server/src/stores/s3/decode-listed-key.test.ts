import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeListedKey } from './decode-listed-key.ts'

test('a listed key is decoded as its store encoded it', () => {
  const cases: [text: string, encoding: string | undefined, key: string][] = [
    ['a+b.txt', 'url', 'a b.txt'],
    ['a%20b.txt', 'url', 'a b.txt'],
    ['a%2Bb.txt', 'url', 'a+b.txt'],
    ['a%252Bb.txt', 'url', 'a%2Bb.txt'],
    ['%E6%97%A5%E6%9C%AC%E8%AA%9E/%F0%9F%98%80', 'url', '日本語/😀'],
    ['line%0Abreak', 'url', 'line\nbreak'],
    ['dir/', 'url', 'dir/'],
    ['', 'url', ''],
  ]
  for (const [text, encoding, key] of cases) assert.equal(decodeListedKey(text, encoding), key)
})

test('a key from a store that did not encode stays as it is', () => {
  for (const key of ['a+b.txt', 'a%2Bb.txt', '100%']) assert.equal(decodeListedKey(key, undefined), key)
})

test('bytes that are no UTF-8 are shown, not thrown', () => {
  assert.equal(decodeListedKey('a%FF+b', 'url'), 'a\ufffd b')
  assert.equal(decodeListedKey('50%', 'url'), '50%')
})
