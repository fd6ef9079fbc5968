import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type KeyProblem, parseKey } from './key.ts'

test('keys that S3 keeps and no client rewrites are taken as they are', () => {
  const keys = [
    'a',
    'a/b',
    'a%2Fb',
    'a+b c',
    'été.txt',
    'e\u0301te\u0301',
    '日本語',
    '😀',
    'trailing ',
    '...',
    'a/..b/.c',
    'a//b',
    '/a',
    'a/',
    '?#&=*',
    'x'.repeat(1024),
  ]
  for (const key of keys) assert.deepEqual(parseKey(key), { ok: true, key })
})

test('each refused form is named', () => {
  const refused: [string, KeyProblem][] = [
    ['', 'empty'],
    ['x'.repeat(1025), 'too-long'],
    ['é'.repeat(513), 'too-long'],
    ['a\0b', 'control-character'],
    ['a\nb', 'control-character'],
    ['\x7f', 'control-character'],
    ['\ud800', 'not-unicode'],
    ['..', 'dot-segment'],
    ['.', 'dot-segment'],
    ['a/../b', 'dot-segment'],
    ['./a', 'dot-segment'],
    ['a/..', 'dot-segment'],
    ['a\\b', 'backslash'],
  ]
  for (const [key, problem] of refused) assert.deepEqual(parseKey(key), { ok: false, problem }, JSON.stringify(key))
})
