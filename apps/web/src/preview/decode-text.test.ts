import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeText } from './decode-text.ts'

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

test('UTF-8 is text, also where it is cut within a character', () => {
  assert.equal(decodeText(encode('été 日本'), false), 'été 日本')
  assert.equal(decodeText(encode('été 日本').slice(0, -1), true), 'été 日')
})

test('UTF-16 is known by its mark', () => {
  assert.equal(decodeText(new Uint8Array([0xff, 0xfe, 0x41, 0, 0x42, 0]), false), 'AB')
})

test('Latin-1 is text', () => assert.equal(decodeText(new Uint8Array([0x63, 0x61, 0x66, 0xe9]), false), 'café'))

test('bytes of other files are none', () => {
  assert.equal(decodeText(new Uint8Array([0x50, 0x4b, 3, 4, 0, 0]), false), undefined)
  assert.equal(decodeText(new Uint8Array([0xff, 0xd8, 1, 2, 3, 4, 5, 6]), false), undefined)
})
