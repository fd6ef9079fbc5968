import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTypeAhead } from './type-ahead.ts'

const NAMES = ['Beta', 'apple', 'April', 'ähre', 'application 2', 'zoo']

/** Types letters, 100 ms apart. @returns where each goes */
function type(text: string, from = -1, typing = createTypeAhead()): (number | undefined)[] {
  let at = from
  return text.split('').map((letter, i) => {
    const found = typing.find(letter, at, NAMES, i * 100)
    at = found ?? at
    return found
  })
}

test('letters go to the first name that begins with them, in any case', () => {
  assert.deepEqual(type('app'), [1, 1, 1])
  assert.deepEqual(type('APR'), [1, 1, 2])
  assert.deepEqual(type('appli'), [1, 1, 1, 1, 4])
  assert.equal(type('application 2').at(-1), 4)
})

test('one letter again goes on to the next name, and around', () => {
  assert.deepEqual(type('aaaa'), [1, 2, 4, 1])
  assert.deepEqual(type('a', 2), [4])
})

test('what nothing begins with goes nowhere', () => {
  assert.deepEqual(type('x'), [undefined])
  assert.deepEqual(type('ax'), [1, undefined])
})

test('the same letter, however its accent is written', () => {
  const typing = createTypeAhead()
  assert.equal(
    typing.find(
      'a\u0308'.normalize('NFC'),
      -1,
      NAMES.map((name) => name.normalize('NFD')),
      0,
    ),
    3,
  )
})

test('after a pause a new word begins', () => {
  const typing = createTypeAhead()
  assert.equal(typing.find('a', -1, NAMES, 0), 1)
  assert.equal(typing.isTyping(900), true)
  assert.equal(typing.isTyping(1_000), false)
  assert.equal(typing.find('z', 1, NAMES, 1_000), 5)
})
